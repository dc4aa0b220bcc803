import { randomUUID } from 'node:crypto';
import type { AgentTeamStatus } from '@agentteam/api';
import {
  ANNOTATIONS,
  agentNamed,
  LEAD,
  ORDERS,
  type OrderedMessage,
  shownName,
  toOrderedMessage,
} from '@agentteam/contract';
import { visible } from '@agentteam/text';

type Annotations = Readonly<Record<string, string>>;

/** A team, as far as messages of people need it. */
export interface Addressed {
  readonly annotations: Annotations;
  /** Names of the teammates. */
  readonly teammates: readonly string[];
  readonly status: AgentTeamStatus | undefined;
}

/** The messages that wait to be delivered, oldest first. Malformed ones are omitted. */
export function waitingMessages(annotations: Annotations): readonly OrderedMessage[] {
  try {
    const messages: unknown = JSON.parse(annotations[ANNOTATIONS.messages] ?? '[]');
    if (!Array.isArray(messages)) return [];
    return messages.slice(0, ORDERS.waiting).flatMap((one) => toOrderedMessage(one) ?? []);
  } catch {
    // Without the webhook anybody can write the annotation.
    return [];
  }
}

export interface TakenMessages {
  /** All waiting messages, with the new ones. */
  readonly waiting: readonly OrderedMessage[];
  /** Names of the annotations that contained the new ones. */
  readonly taken: readonly string[];
  /** Why messages were refused, as sentences without a full stop. */
  readonly refused: readonly string[];
}

/**
 * Takes new messages of people out of a team's annotations.
 * @param by name of the person.
 * @param makeId makes the id of a message.
 */
export function takeMessages(
  team: Addressed,
  by: string,
  now: Date,
  makeId: (now: Date) => string,
): TakenMessages {
  const waiting = [...waitingMessages(team.annotations)];
  const taken: string[] = [];
  const refused: string[] = [];
  for (const [name, value] of Object.entries(team.annotations)) {
    const named = receiverIn(name);
    if (named === undefined) continue;
    taken.push(name);
    const text = visible(value).trim();
    const agents = named === '' ? openAgents(team) : [named];
    const problem =
      (agents.length === 0 ? 'the team has ended' : undefined) ??
      agents.map((agent) => problemWith(team, agent, text)).find((one) => one !== undefined) ??
      (waiting.length + agents.length > ORDERS.waiting
        ? `${waiting.length} messages of people wait for delivery; the limit is ${ORDERS.waiting}`
        : undefined);
    if (problem !== undefined) {
      refused.push(`${name}: ${problem}`);
      continue;
    }
    const at = now.toISOString();
    waiting.push(...agents.map((agent) => ({ id: makeId(now), agent, by, at, text })));
  }
  return { waiting, taken, refused };
}

/** Makes the id of a message. Ids sort by the time of sending. */
export function newMessageId(now: Date): string {
  return `${now.getTime()}-${randomUUID()}`;
}

/** The annotation {@link ANNOTATIONS.messages}: absent if no message waits. */
export function messagesText(waiting: readonly OrderedMessage[]): string | undefined {
  return waiting.length === 0 ? undefined : JSON.stringify(waiting);
}

/** @returns the agent; empty for all agents; undefined for any other annotation. */
function receiverIn(name: string): string | undefined {
  if (name === ANNOTATIONS.tellAll) return '';
  if (!name.startsWith(ANNOTATIONS.tellPrefix)) return undefined;
  return agentNamed(name.slice(ANNOTATIONS.tellPrefix.length));
}

function problemWith(team: Addressed, agent: string, text: string): string | undefined {
  const agents = [LEAD, ...team.teammates];
  if (!agents.includes(agent)) {
    return `the team has no agent ${agent}; its agents: ${agents.map(shownName).join(', ')}`;
  }
  if (team.status?.completedAt !== undefined) return 'the team has ended';
  if (!openAgents(team).includes(agent)) return `${shownName(agent)} has ended`;
  if (text === '') return 'the message is empty';
  if (text.length <= ORDERS.textCharacters) return undefined;
  return `the message has ${text.length} characters; the limit in an annotation is ${ORDERS.textCharacters}; agentteam tell sends longer ones`;
}

const ENDED: ReadonlySet<string | undefined> = new Set(['Completed', 'Failed', 'Skipped']);

/** The agents that have not ended. */
function openAgents({ teammates, status }: Omit<Addressed, 'annotations'>): readonly string[] {
  const phases = new Map([
    [LEAD, status?.lead?.phase],
    ...(status?.teammates ?? []).map(({ name, phase }) => [name, phase] as const),
  ]);
  return [LEAD, ...teammates].filter((agent) => !ENDED.has(phases.get(agent)));
}
