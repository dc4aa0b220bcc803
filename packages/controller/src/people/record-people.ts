import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, isRecord, type TeamPause } from '@agentteam/contract';
import { messagesText, takeMessages } from './messages.ts';
import { isPauseWanted, pauseProblem } from './pause.ts';

type Annotations = Readonly<Record<string, string>>;

/** A request that writes a team. */
export interface PeopleChange {
  /** Name of the user, as the API server authenticated them. */
  readonly user: string;
  /** Whether the user is the controller. */
  readonly isController: boolean;
  readonly now: Date;
  readonly makeId: (now: Date) => string;
  /** The annotations before the request; undefined if it creates the team. */
  readonly before: Annotations | undefined;
  readonly wanted: Annotations;
  readonly spec: unknown;
  readonly status: AgentTeamStatus;
}

/**
 * Computes the annotations of a team after a request, as far as they are about messages of people and pauses.
 * Each message is recorded once, with the user who sent it, and so is a pause. Only this function and the
 * controller write these records: those in the request are ignored.
 */
export function recordPeople(
  change: PeopleChange,
): { readonly annotations: Annotations } | { readonly refused: string } {
  const { user, isController, now, makeId, before = {}, wanted, spec, status } = change;
  if (isController) return { annotations: wanted };
  const problem = pauseProblem(wanted[ANNOTATIONS.paused]);
  if (problem !== undefined) return { refused: problem };
  const annotations: Record<string, string> = { ...wanted };
  for (const name of [ANNOTATIONS.messages, ANNOTATIONS.pausedBy]) {
    delete annotations[name];
    if (before[name] !== undefined) annotations[name] = before[name];
  }
  if (!isPauseWanted(wanted)) {
    delete annotations[ANNOTATIONS.paused];
    delete annotations[ANNOTATIONS.pausedBy];
  } else if (!isPauseWanted(before)) {
    if (status.completedAt !== undefined)
      return { refused: 'the team has ended; nothing can be paused' };
    const pause: TeamPause = { by: user, at: now.toISOString() };
    annotations[ANNOTATIONS.pausedBy] = JSON.stringify(pause);
  }
  const team = { annotations, teammates: teammatesIn(spec), status };
  const { waiting, taken, refused } = takeMessages(team, user, now, makeId);
  const [refusal] = refused;
  if (refusal !== undefined) return { refused: refusal };
  if (taken.length === 0) return { annotations };
  for (const name of taken) delete annotations[name];
  const messages = messagesText(waiting);
  if (messages !== undefined) annotations[ANNOTATIONS.messages] = messages;
  return { annotations };
}

/** The spec has not been validated yet. */
function teammatesIn(spec: unknown): readonly string[] {
  const teammates = isRecord(spec) ? spec['teammates'] : undefined;
  if (!Array.isArray(teammates)) return [];
  return teammates.flatMap((one: unknown) => {
    const name = isRecord(one) ? one['name'] : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}
