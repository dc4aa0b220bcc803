import { expect, test } from '@jest/globals';
import {
  ARGO_MESSAGES,
  isDeadlineMessage,
  isNeverStartedMessage,
  isStopMessage,
  readContainerExit,
  stepNameOf,
} from '../src/index.ts';

test.each([
  [ARGO_MESSAGES.exit('main', 77, ''), { container: 'main', exitCode: 77 }],
  [
    ARGO_MESSAGES.exit('setup', 68, 'refused (exit code 1): no\nkey'),
    { container: 'setup', exitCode: 68, message: 'refused (exit code 1): no\nkey' },
  ],
  ['main: OOMKilled (exit code 137)', { container: 'main', exitCode: 137 }],
  [ARGO_MESSAGES.noMoreRetries, undefined],
  ['the agent wrote (exit code 77)', undefined],
  ['', undefined],
])('the container exit in %j is %j', (message, exit) => {
  expect(readContainerExit(message)).toEqual(exit);
});

test.each([
  ['a deadline', ARGO_MESSAGES.deadline, [true, false, false]],
  ['a stopped step', ARGO_MESSAGES.stopped('Stop'), [false, true, false]],
  ['a stopped pod', ARGO_MESSAGES.shutdown('Terminate'), [false, true, false]],
  ['a pod that was not created', ARGO_MESSAGES.shutdownBefore('Stop'), [false, true, true]],
  ['a pod that was killed before main', ARGO_MESSAGES.uninitialized('main'), [false, false, true]],
  ['another failure', ARGO_MESSAGES.exit('main', 1, ARGO_MESSAGES.deadline), [false, false, false]],
])('the message of %s is recognised', (_, message, expected) => {
  const readers = [isDeadlineMessage, isStopMessage, isNeverStartedMessage];
  expect(readers.map((reader) => reader(message))).toEqual(expected);
});

test.each([
  ['Lead', 'Lead'],
  ['Lead(0)', 'Lead'],
  ['web(12)', 'web'],
])('the display name %s belongs to the step %s', (displayName, step) => {
  expect(stepNameOf(displayName)).toBe(step);
});
