import { EXIT } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { GitError } from '../../src/git/run.ts';
import { failureOf, StepFailure } from '../../src/step/failure.ts';

const gitError = (exitCode: number | undefined, stderr: string, isTooLong = false) =>
  new GitError(['commit'], { exitCode, stderr, isTooLong });

test.each([
  ['a git error', gitError(1, 'fatal: bad object HEAD'), EXIT.refused],
  ['a full disk', gitError(128, 'fatal: No space left on device'), EXIT.failed],
  ['a killed git process', gitError(undefined, ''), EXIT.failed],
  ['a killed helper of git', gitError(128, 'error: index-pack died of signal 9'), EXIT.failed],
  ['endless output', gitError(undefined, '', true), EXIT.refused],
  ['a step failure', new StepFailure('no', EXIT.conflict), EXIT.conflict],
  ['another error', new TypeError('x is not a function'), EXIT.failed],
])('%s ends a step with an exit code and a message', (_, error, exitCode) => {
  const failure = failureOf(error);
  expect(failure.exitCode).toBe(exitCode);
  expect(failure.message).not.toContain('\n    at ');
});
