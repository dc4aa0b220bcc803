import { GATE_PREFIX, type Notice } from '@agentteam/contract';
import type { Condition } from './condition.ts';
import { isGateOpen, type Steps } from './nodes.ts';
import { type ProviderWaits, waitCondition } from './provider-waits.ts';
import type { Verdict } from './verdict.ts';

/**
 * `Complete` says how the team ended (`kubectl wait --for=condition=Complete`), `ApprovalRequired`
 * whether people are waited for. `FilesComplete` is there once agents have left more in the team's
 * files than is read, or something that is not: its message says where. `WaitingForProvider` is there
 * once the provider has turned an agent away.
 * @param previous the conditions before: one that did not change keeps its time.
 * @param at time of the newest thing that is known, ISO 8601.
 */
export function conditionsOf(
  verdict: Verdict,
  steps: Steps,
  previous: readonly Partial<Condition>[],
  at: string,
  generation: number | undefined,
  { notices = [], waits, figuresAt }: Figures,
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
    ...filesComplete(notices, previous),
  ];
  const waited = previous.some(({ type }) => type === 'WaitingForProvider');
  return [
    ...now.map((condition) => dated(condition, previous, at, generation)),
    ...waitCondition(ended ? new Map() : waits, waited, ended ? at : (figuresAt ?? at)).map(
      ({ lastTransitionTime, ...condition }) =>
        dated(condition, previous, lastTransitionTime, generation),
    ),
  ];
}

/** What the team's figures say besides its Workflow. */
export interface Figures {
  readonly notices?: readonly Notice[] | undefined;
  readonly waits: ProviderWaits;
  /** When they were made, ISO 8601. */
  readonly figuresAt?: string | undefined;
}

/** Characters of a condition's message: the figures have all notices. */
const MESSAGE_LENGTH = 1000;

function filesComplete(
  notices: readonly Notice[],
  previous: readonly Partial<Condition>[],
): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const type = 'FilesComplete';
  const leftOut = notices.filter(({ kind }) => kind !== 'repair');
  if (leftOut.length > 0) {
    const words = leftOut.map(({ message }) => message).join(' ');
    const message = words.length > MESSAGE_LENGTH ? `${words.slice(0, MESSAGE_LENGTH)}…` : words;
    return [{ type, status: 'False', reason: 'FilesLeftOut', message }];
  }
  if (!previous.some((condition) => condition.type === type)) return [];
  const message = "All of the team's files are read.";
  return [{ type, status: 'True', reason: 'AllRead', message }];
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
