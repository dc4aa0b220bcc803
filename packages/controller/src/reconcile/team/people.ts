import {
  ANNOTATIONS,
  ORDERS,
  type OrderedMessage,
  type OrderReply,
  shownName,
  type TeamOrder,
  toOrderReply,
} from '@agentteam/contract';
import { askFor, orderHeader } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { recordEvent } from '../../kube/events.ts';
import {
  messagesText,
  newMessageId,
  takeMessages,
  waitingMessages,
} from '../../people/messages.ts';
import { isPauseWanted, pauseIn, UNNAMED } from '../../people/pause.ts';
import { type CachedTeam, trimResource } from '../cached-resource.ts';
import type { NewCondition } from '../conditions.ts';
import { askGateways, type GatewayRequest } from './ask-gateways.ts';
import type { TeamContext } from './context.ts';
import {
  conditionOf,
  hasEnded,
  isKnown,
  isLate,
  PAUSED,
  pauseOf,
  suspend,
  untilDeadline,
} from './pause.ts';
import { refOf } from './refs.ts';

/** When to hand an order over again that no gateway has taken. */
const AGAIN_MS = 5_000;

/** What people want of a team, after the controller has done its part. */
export interface PeopleState {
  readonly team: CachedTeam;
  readonly workflow: CachedWorkflow;
  /** Absent if the team has never been paused. */
  readonly condition?: NewCondition;
  /** After how many ms to reconcile again. */
  readonly requeueMs?: number;
}

/**
 * Does what people want of a team: suspends its Workflow while it is paused, and hands pauses and messages to the
 * gateway of a running agent, which writes them to the volume. Every step is idempotent: messages keep their ids,
 * and are removed from the annotations only after a gateway has them.
 */
export async function servePeople(
  team: CachedTeam,
  workflow: CachedWorkflow,
  context: TeamContext,
): Promise<PeopleState> {
  const recorded = await record(team, workflow, context);
  const pause = pauseOf(recorded, workflow, context.now());
  const suspended = await suspend(recorded, workflow, pause, context);
  const isOver = hasEnded(suspended);
  const waiting = waitingMessages(annotationsOf(recorded));
  const before = recorded.status?.conditions?.find(({ type }) => type === PAUSED);
  const isTold = isOver || isKnown(before, pause);
  const condition = conditionOf(before, pause, isTold);
  const state = { team: recorded, workflow: suspended };
  if (isOver || (isTold && waiting.length === 0)) {
    const ended = isOver ? await drop(recorded, waiting, context) : recorded;
    const requeueMs = pause && !isOver ? untilDeadline(suspended, context.now()) : undefined;
    return { ...state, team: ended, ...result(condition, requeueMs) };
  }
  // One message at a time, because headers are limited.
  const order: TeamOrder = {
    at: context.now().toISOString(),
    ...(pause !== undefined && { pause }),
    messages: waiting.slice(0, 1),
  };
  const reply = await handOver(recorded, suspended, order, context);
  if (reply === undefined) return { ...state, ...result(condition, AGAIN_MS) };
  const settled = await settle(recorded, waiting, reply, context);
  return { ...state, team: settled, ...result(conditionOf(before, pause, true), AGAIN_MS) };
}

/** Hands an order to a gateway. @returns undefined if none has taken it. */
async function handOver(
  team: CachedTeam,
  workflow: CachedWorkflow,
  order: TeamOrder,
  context: TeamContext,
): Promise<OrderReply | undefined> {
  const request: GatewayRequest = {
    path: ORDERS.path,
    ask: (key, of, agent) => {
      const { nonce, headers } = askFor(key, of, agent);
      const sealed = orderHeader(key, of, nonce, JSON.stringify(order));
      return { nonce, headers: { ...headers, ...sealed } };
    },
  };
  const reply = await askGateways(team, workflow, request, context);
  return reply === undefined ? undefined : toOrderReply(JSON.parse(reply));
}

function result(condition: NewCondition | undefined, requeueMs: number | undefined) {
  return {
    ...(condition !== undefined && { condition }),
    ...(requeueMs !== undefined && { requeueMs }),
  };
}

/** Without the admission webhook, the controller takes messages and pauses out of the annotations itself. */
async function record(
  team: CachedTeam,
  workflow: CachedWorkflow,
  context: TeamContext,
): Promise<CachedTeam> {
  const annotations = annotationsOf(team);
  const now = context.now();
  const addressed = { ...addressedOf(team), annotations };
  const { waiting, taken, refused } = takeMessages(addressed, UNNAMED, now, newMessageId);
  const patch: Record<string, string | null> = Object.fromEntries(
    taken.map((name) => [name, null]),
  );
  if (taken.length > 0) patch[ANNOTATIONS.messages] = messagesText(waiting) ?? null;
  const isWanted = isPauseWanted(annotations) && !hasEnded(workflow) && !isLate(workflow, now);
  if (isWanted && pauseIn(annotations) === undefined) {
    patch[ANNOTATIONS.pausedBy] = JSON.stringify({ by: UNNAMED, at: now.toISOString() });
  }
  if (!isWanted) {
    for (const name of [ANNOTATIONS.paused, ANNOTATIONS.pausedBy]) {
      if (annotations[name] !== undefined) patch[name] = null;
    }
  }
  for (const message of refused) await warn(team, 'MessageRefused', `${message}.`, context);
  if (isPauseWanted(annotations) && isLate(workflow, now)) {
    const message =
      'The timeout of the team has expired while it was paused, so the pause has ended.';
    await warn(team, 'PauseEnded', message, context);
  }
  return annotate(team, patch, context);
}

/** Removes the messages of a team that has ended. */
async function drop(
  team: CachedTeam,
  waiting: readonly OrderedMessage[],
  context: TeamContext,
): Promise<CachedTeam> {
  if (waiting.length === 0) return team;
  for (const { agent, by } of waiting) {
    await reportNotSent(team, { agent, by }, 'the team has ended', context);
  }
  return annotate(team, { [ANNOTATIONS.messages]: null }, context);
}

/** Removes the messages that a gateway has, and those that it refuses. */
async function settle(
  team: CachedTeam,
  sent: readonly OrderedMessage[],
  { delivered, refused }: OrderReply,
  context: TeamContext,
): Promise<CachedTeam> {
  const reasons = new Map(refused.map(({ id, reason }) => [id, reason]));
  for (const message of sent) {
    const reason = reasons.get(message.id);
    if (reason !== undefined) await reportNotSent(team, message, reason, context);
    else if (delivered.includes(message.id)) await reportSent(team, message, context);
  }
  const rest = sent.filter(({ id }) => !delivered.includes(id) && !reasons.has(id));
  if (rest.length === sent.length) return team;
  return annotate(team, { [ANNOTATIONS.messages]: messagesText(rest) ?? null }, context);
}

async function reportSent(
  team: CachedTeam,
  { agent, by, at }: OrderedMessage,
  { api, now }: TeamContext,
): Promise<void> {
  const message = `The message of ${by} was sent to ${shownName(agent)}.`;
  await recordEvent(api, team, { type: 'Normal', reason: 'MessageSent', message }, now(), at);
}

async function reportNotSent(
  team: CachedTeam,
  { agent, by }: Pick<OrderedMessage, 'agent' | 'by'>,
  reason: string,
  context: TeamContext,
): Promise<void> {
  const message = `The message of ${by} was not sent to ${shownName(agent)}: ${reason}.`;
  await warn(team, 'MessageNotSent', message, context);
}

async function warn(
  team: CachedTeam,
  reason: string,
  message: string,
  { api, now }: TeamContext,
): Promise<void> {
  const { resourceVersion } = team.metadata;
  await recordEvent(api, team, { type: 'Warning', reason, message }, now(), resourceVersion);
}

async function annotate(
  team: CachedTeam,
  patch: Readonly<Record<string, string | null>>,
  { api, teams }: TeamContext,
): Promise<CachedTeam> {
  if (Object.keys(patch).length === 0) return team;
  const { resourceVersion } = team.metadata;
  const metadata = await api.patch(refOf(team), {
    metadata: { resourceVersion, annotations: patch },
  });
  const after = trimResource<CachedTeam>({ ...team, metadata });
  teams.assume(after);
  return after;
}

function annotationsOf({ metadata }: CachedTeam): Readonly<Record<string, string>> {
  return metadata.annotations ?? {};
}

function addressedOf({ spec, status }: CachedTeam) {
  return { teammates: spec.teammates.map(({ name }) => name), status };
}
