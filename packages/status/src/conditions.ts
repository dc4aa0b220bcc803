import { GATE_PREFIX } from '@agentteam/contract';
import { isGateOpen, type Steps } from './nodes.ts';
import type { Verdict } from './verdict.ts';

/** A condition as Kubernetes objects carry them. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/**
 * `Complete` says how the team ended (`kubectl wait --for=condition=Complete`), `ApprovalRequired`
 * whether people are waited for.
 * @param previous the conditions before: one that did not change keeps its time.
 * @param at time of the newest thing that is known, ISO 8601.
 */
export function conditionsOf(
  verdict: Verdict,
  steps: Steps,
  previous: readonly Partial<Condition>[],
  at: string,
  generation: number | undefined,
): Condition[] {
  const events = [...steps.values()]
    .filter((step) => step.name.startsWith(GATE_PREFIX) && isGateOpen(step))
    .map(({ name }) => name.slice(GATE_PREFIX.length));
  const ended = !['Pending', 'Initializing', 'Running'].includes(verdict.phase);
  const complete = !ended ? 'Unknown' : verdict.phase === 'Completed' ? 'True' : 'False';
  const now: readonly Omit<Condition, 'lastTransitionTime'>[] = [
    { type: 'Complete', status: complete, reason: verdict.reason, message: verdict.message },
    events.length > 0
      ? {
          type: 'ApprovalRequired',
          status: 'True',
          reason: 'GateOpen',
          message: `Waiting for approval of ${events.join(', ')}.`,
        }
      : {
          type: 'ApprovalRequired',
          status: 'False',
          reason: 'NoGateOpen',
          message: 'Nobody is asked for an approval.',
        },
  ];
  return now.map((condition) => dated(condition, previous, at, generation));
}

/** A condition with the time since when it holds: one whose status did not change keeps its time. */
export function dated(
  condition: Omit<Condition, 'lastTransitionTime'>,
  previous: readonly Partial<Condition>[],
  at: string,
  generation: number | undefined,
): Condition {
  const before = previous.find(({ type }) => type === condition.type);
  return {
    ...condition,
    lastTransitionTime:
      before?.status === condition.status ? (before.lastTransitionTime ?? at) : at,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}
