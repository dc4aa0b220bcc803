import { readTime } from '../values/time.ts';
import { isRecord } from '../values/untrusted.ts';
import { type TeamPause, toTeamPause } from './team-pause.ts';

/** A message of a person to an agent, on its way from an annotation to the team's volume. */
export interface OrderedMessage {
  /** Unique in the team. Ids sort by the time of sending. */
  readonly id: string;
  /** Name of the agent. */
  readonly agent: string;
  /** Name of the person. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
}

/** What people want of a running team: the controller hands it to a gateway, which writes it to the volume. */
export interface TeamOrder {
  /** When it was made, ISO 8601 with milliseconds. A gateway refuses an order that is not newer than the last. */
  readonly at: string;
  /** Absent: the team is not paused. */
  readonly pause?: TeamPause;
  readonly messages: readonly OrderedMessage[];
}

/** A gateway's answer to an order. */
export interface OrderReply {
  /** Ids of the messages that are on the volume now. */
  readonly delivered: readonly string[];
  /** Messages that cannot be delivered, with the reason as a sentence without a full stop. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/** Constants of orders. They travel in a header of a GET request, for which the controller's rights suffice. */
export const ORDERS = {
  path: 'people',
  header: 'agentteam-order',
  /** Characters of a person's message in an annotation. */
  textCharacters: 4_096,
  /** Messages that wait in a team's annotations. */
  waiting: 20,
  /** Bytes of a request's headers, and of a reply. */
  headerBytes: 65_536,
  replyBytes: 65_536,
} as const;

/** Characters of a name or an id. */
const LONGEST_NAME = 1_024;

/** @returns undefined if the value is not a valid {@link OrderedMessage}, or too long for a header. */
export function toOrderedMessage(value: unknown): OrderedMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { id, agent, by, text } = value;
  const at = readTime(value['at']);
  const areNames = [id, agent, by].every(
    (name) => typeof name === 'string' && name.length <= LONGEST_NAME,
  );
  const isText = typeof text === 'string' && text.length <= ORDERS.textCharacters;
  return areNames && isText && at !== undefined
    ? ({ id, agent, by, at, text } as OrderedMessage)
    : undefined;
}

/** @returns undefined if the value is not a valid {@link TeamOrder}. */
export function toTeamOrder(value: unknown): TeamOrder | undefined {
  if (!isRecord(value) || !Array.isArray(value['messages'])) return undefined;
  const { at } = value;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return undefined;
  const pause = toTeamPause(value['pause']);
  if (value['pause'] !== undefined && pause === undefined) return undefined;
  const messages = value['messages'].slice(0, ORDERS.waiting).map(toOrderedMessage);
  if (messages.includes(undefined)) return undefined;
  return {
    at,
    ...(pause !== undefined && { pause }),
    messages: messages as readonly OrderedMessage[],
  };
}

/** @returns undefined if the value is not a valid {@link OrderReply}. */
export function toOrderReply(value: unknown): OrderReply | undefined {
  if (!isRecord(value)) return undefined;
  const { delivered, refused } = value;
  if (!Array.isArray(delivered) || !Array.isArray(refused)) return undefined;
  return {
    delivered: delivered.filter((id) => typeof id === 'string'),
    refused: refused.slice(0, ORDERS.waiting).flatMap((one: unknown) => {
      const { id, reason } = isRecord(one) ? one : {};
      return typeof id === 'string' && typeof reason === 'string' ? [{ id, reason }] : [];
    }),
  };
}
