import { EXIT } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { GitError } from '../../src/git/run.ts';
import { failureOf, StepFailure } from '../../src/step/failure.ts';

test.each([
  ['a git error', new GitError(['commit'], 1, 'fatal: bad object HEAD'), EXIT.refused],
  ['a full disk', new GitError(['commit'], 128, 'fatal: No space left on device'), EXIT.failed],
  ['a killed git process', new GitError(['commit'], undefined, ''), EXIT.failed],
  ['a step failure', new StepFailure('no', EXIT.conflict), EXIT.conflict],
  ['another error', new TypeError('x is not a function'), EXIT.failed],
])('%s ends a step with an exit code and a message', (_, error, exitCode) => {
  const failure = failureOf(error);
  expect(failure.exitCode).toBe(exitCode);
  expect(failure.message).not.toContain('\n    at ');
});
