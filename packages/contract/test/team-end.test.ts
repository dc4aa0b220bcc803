import { describe, expect, test } from '@jest/globals';
import { EXIT, endReasonOf, type FailedNode } from '../src/index.ts';

const failed = (displayName: string, code: number): FailedNode => ({
  displayName,
  message: `main: Error (exit code ${code}): why`,
});
const reasonOf = (...failedNodes: readonly FailedNode[]) =>
  endReasonOf({ workflowPhase: 'Failed', failedNodes, isBudgetSpent: false });
const { reportedFailed, reportedBlocked } = EXIT;

describe('the reason of a failed team', () => {
  test.each([
    ['the lead reported failed', 'ReportedFailed', [failed('Lead(0)', reportedFailed)]],
    ['the lead reported blocked', 'ReportedBlocked', [failed('Lead(0)', reportedBlocked)]],
    ['a teammate reported blocked', 'ReportedBlocked', [failed('web', reportedBlocked)]],
    [
      'the lead reported after a crash',
      'ReportedBlocked',
      [failed('Lead(1)', reportedBlocked), failed('Lead(0)', 1), { displayName: 'Lead' }],
    ],
    [
      'the lead and a teammate reported differently',
      'ReportedBlocked',
      [failed('web', reportedFailed), failed('Lead', reportedBlocked)],
    ],
    [
      'teammates reported differently',
      'ReportedFailed',
      [failed('web', reportedBlocked), failed('docs', reportedFailed)],
    ],
    [
      'a teammate reported and another crashed',
      'StepFailed',
      [failed('web', reportedBlocked), failed('docs', 1)],
    ],
    [
      'the lead crashed and a teammate reported',
      'StepFailed',
      [failed('web', reportedFailed), failed('Lead', 1)],
    ],
    ['a pod could not be created', 'StepFailed', [{ displayName: 'web', message: 'forbidden' }]],
  ] as const)('%s: %s', (_, reason, nodes) => {
    expect(reasonOf(...nodes)).toBe(reason);
  });
});
