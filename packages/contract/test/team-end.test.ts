import { ARGO_MESSAGES } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import {
  type EndEvidence,
  type EndReason,
  EXIT,
  endReasonOf,
  type FailedNode,
} from '../src/index.ts';

const FAILED = { displayName: 'web', message: ARGO_MESSAGES.exit('main', 1, '') };
const BROKE = { displayName: 'web(0)', message: ARGO_MESSAGES.exit('gateway', EXIT.budget, 'No.') };
const LATE = { displayName: 'api', message: ARGO_MESSAGES.deadline };
const STOPPED = { displayName: 'Approve-deliver', message: ARGO_MESSAGES.stopped('Stop') };
const LEAD = [
  { displayName: 'Lead', message: ARGO_MESSAGES.noMoreRetries },
  { displayName: 'Lead(0)', message: ARGO_MESSAGES.exit('main', 1, '') },
];

test.each<[string, Partial<EndEvidence>, EndReason]>([
  ['nothing failed', { workflowPhase: 'Succeeded' }, 'Completed'],
  ['a gate was rejected', { workflowPhase: 'Succeeded', unapproved: 'Rejected' }, 'Rejected'],
  [
    'nobody answered a gate',
    { workflowPhase: 'Succeeded', unapproved: 'Unanswered' },
    'Unanswered',
  ],
  ['a step failed', { failedNodes: [FAILED] }, 'StepFailed'],
  [
    'a step failed and a gate was rejected',
    { failedNodes: [FAILED], unapproved: 'Rejected' },
    'StepFailed',
  ],
  ['Argo could not run the Workflow', { workflowPhase: 'Error' }, 'StepFailed'],
  ['the deadline passed', { failedNodes: [FAILED, LATE] }, 'TimedOut'],
  ['someone stopped the team', { failedNodes: [FAILED, STOPPED, LATE] }, 'Stopped'],
  [
    'someone stopped the team while no step was running',
    { workflowMessage: ARGO_MESSAGES.stopped('Stop') },
    'Stopped',
  ],
  ['a team was stopped whose lead had failed', { failedNodes: [...LEAD, STOPPED] }, 'StepFailed'],
  [
    'the stop ended the lead',
    { failedNodes: [{ displayName: 'Lead', message: ARGO_MESSAGES.shutdown('Stop') }] },
    'Stopped',
  ],
  ['an agent spent its budget', { failedNodes: [STOPPED, BROKE, LATE] }, 'BudgetExceeded'],
  [
    'only the exit code tells of the budget',
    { failedNodes: [{ displayName: 'web', exitCode: EXIT.budget }] },
    'BudgetExceeded',
  ],
  ['the team spent its budget', { failedNodes: [FAILED], isBudgetSpent: true }, 'BudgetExceeded'],
  [
    'a stop cut off replies, which spent the budget',
    { failedNodes: [STOPPED], isBudgetSpent: true },
    'Stopped',
  ],
  [
    'the deadline cut off replies, which spent the budget',
    { failedNodes: [LATE], isBudgetSpent: true },
    'TimedOut',
  ],
])('the reason if %s', (_, evidence, reason) => {
  const rest = { workflowPhase: 'Failed', failedNodes: [], isBudgetSpent: false };
  expect(endReasonOf({ ...rest, ...evidence })).toBe(reason);
});

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
