import { type Notice, type Question, type TeamPause, utcTime } from '@agentteam/contract';
import type { Condition } from './condition.ts';
import { eventOf, openGatesIn, type Steps } from './nodes.ts';
import { type ProviderWaits, waitCondition } from './provider-waits.ts';
import { questionCondition } from './questions.ts';
import { isEnded, type PhaseDetails } from './team-phase.ts';

/**
 * `Complete` says how the team ended (`kubectl wait --for=condition=Complete`), and `ApprovalRequired` whether a
 * gate is open. `FilesComplete` appears once a file of the team could not be read; its message says which.
 * `Paused` appears once a person has paused the team. `WaitingForProvider` appears once the provider has rejected
 * an agent's request, and `WaitingForAnswer` once an agent has asked a person.
 * @param previous the conditions in the last status: one that did not change keeps its time.
 * @param at time of the latest change, ISO 8601.
 */
export function conditionsOf(
  details: PhaseDetails,
  steps: Steps,
  previous: readonly Partial<Condition>[],
  at: string,
  generation: number | undefined,
  { notices = [], waits, questions, figuresAt, paused }: Figures,
): Condition[] {
  const events = openGatesIn(steps).map(eventOf);
  const ended = isEnded(details.phase);
  const complete = !ended ? 'Unknown' : details.phase === 'Completed' ? 'True' : 'False';
  const now: readonly Omit<Condition, 'lastTransitionTime'>[] = [
    { type: 'Complete', status: complete, reason: details.reason, message: details.message },
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
          message: 'No gate is waiting for approval.',
        },
    ...filesComplete(notices, previous),
    ...pauseCondition(ended ? undefined : paused, previous),
  ];
  const waited = previous.some(({ type }) => type === 'WaitingForProvider');
  const asked = previous.some(({ type }) => type === 'WaitingForAnswer');
  const since = ended ? at : (figuresAt ?? at);
  return [
    ...now.map((condition) => dated(condition, previous, at, generation)),
    ...[
      ...waitCondition(ended ? new Map() : waits, waited, since),
      ...questionCondition(ended ? [] : questions, asked, since),
    ].map(({ lastTransitionTime, ...condition }) =>
      dated(condition, previous, lastTransitionTime, generation),
    ),
  ];
}

/** What conditions need from the team's figures. */
export interface Figures {
  readonly notices?: readonly Notice[] | undefined;
  readonly waits: ProviderWaits;
  /** Those that wait for an answer, oldest first. */
  readonly questions: readonly Question[];
  readonly paused?: TeamPause | undefined;
  /** Time of the figures, ISO 8601. */
  readonly figuresAt?: string | undefined;
}

/** Longest message of a condition, in characters. The figures hold every notice in full. */
const MESSAGE_LENGTH = 1000;

function filesComplete(
  notices: readonly Notice[],
  previous: readonly Partial<Condition>[],
): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const type = 'FilesComplete';
  const leftOut = notices.filter(({ kind }) => kind !== 'repair');
  if (leftOut.length > 0) {
    const all = leftOut.map(({ message }) => message).join(' ');
    const message = all.length > MESSAGE_LENGTH ? `${all.slice(0, MESSAGE_LENGTH)}…` : all;
    return [{ type, status: 'False', reason: 'FilesLeftOut', message }];
  }
  if (!previous.some((condition) => condition.type === type)) return [];
  const message = 'All files of the team were read.';
  return [{ type, status: 'True', reason: 'AllRead', message }];
}

function pauseCondition(
  paused: TeamPause | undefined,
  previous: readonly Partial<Condition>[],
): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const type = 'Paused';
  if (paused !== undefined) {
    const message = `${paused.by} paused the team at ${utcTime(paused.at)}.`;
    return [{ type, status: 'True', reason: 'PausedByPerson', message }];
  }
  if (!previous.some((condition) => condition.type === type)) return [];
  return [{ type, status: 'False', reason: 'Resumed', message: 'The team is not paused.' }];
}

/** Adds `lastTransitionTime`: a condition whose status did not change keeps its earlier time. */
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
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}
