import {
  ANNOTATIONS,
  LEAD,
  ORDERS,
  type OrderedMessage,
  type OrderReply,
  PORTS,
  type TeamOrder,
  type TeamPause,
  toOrderReply,
  utcTime,
} from '@agentteam/contract';
import { askFor, openAnswer, orderHeader } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { withSuspend } from '../../argo/cached-workflow.ts';
import { recordEvent } from '../../kube/events.ts';
import { reasonOf } from '../../kube/kube-error.ts';
import {
  messagesText,
  newMessageId,
  takeMessages,
  waitingMessages,
} from '../../people/messages.ts';
import { isPauseWanted, pauseIn, UNNAMED } from '../../people/pause.ts';
import { type CachedTeam, trimResource } from '../cached-resource.ts';
import type { NewCondition } from '../conditions.ts';
import type { TeamContext } from './context.ts';
import { refOf, workflowRef } from './refs.ts';
import { requeueAfter } from './requeue.ts';

/** When to hand an order over again that no gateway has taken. */
const AGAIN_MS = 5_000;
const REPLY_WITHIN_MS = 2_000;
const CONDITION = 'Paused';
/** Reasons of the condition: whether a gateway has been told already. */
const TOLD = ['PausedByPerson', 'Resumed'];

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
  const pause = pauseOf(recorded, workflow);
  const suspended = await suspend(recorded, workflow, pause, context);
  const isOver = hasEnded(suspended);
  const waiting = waitingMessages(annotationsOf(recorded));
  const before = recorded.status?.conditions?.find(({ type }) => type === CONDITION);
  const isTold = isOver || isKnown(before, pause);
  const condition = conditionOf(before, pause, isTold);
  const state = { team: recorded, workflow: suspended };
  if (isOver || (isTold && waiting.length === 0)) {
    const ended = isOver ? await drop(recorded, waiting, context) : recorded;
    const requeueMs = pause && !isOver ? untilDeadline(suspended, context) : undefined;
    return { ...state, team: ended, ...result(condition, requeueMs) };
  }
  const reply = await handOver(recorded, suspended, { pause, messages: waiting }, context);
  if (reply === undefined) return { ...state, ...result(condition, AGAIN_MS) };
  const settled = await settle(recorded, waiting, reply, context);
  return { ...state, team: settled, ...result(conditionOf(before, pause, true), AGAIN_MS) };
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

/** The pause that holds: a person's, or that of somebody who has suspended the Workflow in Argo. */
function pauseOf(team: CachedTeam, workflow: CachedWorkflow): TeamPause | undefined {
  if (hasEnded(workflow)) return undefined;
  const annotations = annotationsOf(team);
  if (isPauseWanted(annotations)) return pauseIn(annotations);
  const isOurs = workflow.metadata.annotations?.[ANNOTATIONS.pausedBy] !== undefined;
  if (workflow.isSuspended !== true || isOurs) return undefined;
  const before = team.status?.conditions?.find(({ type }) => type === CONDITION);
  const at = before?.status === 'True' ? before.lastTransitionTime : undefined;
  return { by: 'argo suspend', at: at ?? new Date().toISOString() };
}

/** Suspends the Workflow while a person has paused the team, and ends that when the pause has ended. */
async function suspend(
  team: CachedTeam,
  workflow: CachedWorkflow,
  pause: TeamPause | undefined,
  { api, workflows }: TeamContext,
): Promise<CachedWorkflow> {
  if (workflow.status?.finishedAt) return workflow;
  const isOurs = workflow.metadata.annotations?.[ANNOTATIONS.pausedBy] !== undefined;
  const isWanted = pause !== undefined && isPauseWanted(annotationsOf(team));
  const isDone = isWanted ? isOurs && workflow.isSuspended === true : !isOurs;
  if (isDone) return workflow;
  const { uid } = workflow.metadata;
  const metadata = await api.patch(workflowRef(team), {
    metadata: { uid, annotations: { [ANNOTATIONS.pausedBy]: isWanted ? pause.by : null } },
    spec: { suspend: isWanted ? true : null },
  });
  const after = withSuspend(workflow, isWanted, metadata);
  workflows.assume(after);
  return after;
}

/** Removes the messages of a team that has ended. */
async function drop(
  team: CachedTeam,
  waiting: readonly OrderedMessage[],
  context: TeamContext,
): Promise<CachedTeam> {
  if (waiting.length === 0) return team;
  for (const { agent, by } of waiting) {
    await notDelivered(team, { agent, by }, 'the team has ended', context);
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
    if (reason !== undefined) await notDelivered(team, message, reason, context);
    else if (delivered.includes(message.id)) await toldAgent(team, message, context);
  }
  const rest = sent.filter(({ id }) => !delivered.includes(id) && !reasons.has(id));
  if (rest.length === sent.length) return team;
  return annotate(team, { [ANNOTATIONS.messages]: messagesText(rest) ?? null }, context);
}

async function toldAgent(
  team: CachedTeam,
  { agent, by, at }: OrderedMessage,
  { api, now }: TeamContext,
): Promise<void> {
  const message = `The message of ${by} was sent to ${agent}.`;
  await recordEvent(api, team, { type: 'Normal', reason: 'MessageSent', message }, now(), at);
}

async function notDelivered(
  team: CachedTeam,
  { agent, by }: Pick<OrderedMessage, 'agent' | 'by'>,
  reason: string,
  context: TeamContext,
): Promise<void> {
  const message = `The message of ${by} was not sent to ${agent}: ${reason}.`;
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

/** Hands an order to a gateway. @returns undefined if none has taken it. */
async function handOver(
  team: CachedTeam,
  workflow: CachedWorkflow,
  { pause, messages }: { pause: TeamPause | undefined; messages: readonly OrderedMessage[] },
  { api, keys, log, now }: TeamContext,
): Promise<OrderReply | undefined> {
  const { namespace, name } = workflowRef(team);
  // One message at a time, because headers are limited.
  const order: TeamOrder = {
    at: now().toISOString(),
    ...(pause !== undefined && { pause }),
    messages: messages.slice(0, 1),
  };
  const of = { namespace, team: name, run: workflow.metadata.uid ?? '' };
  for (const { agent, podName } of runningAgents(team)) {
    try {
      const key = await keys.keyOf(namespace);
      const { nonce, headers } = askFor(key, of, agent);
      const reply = await api.askPod({
        ...{ namespace, name: podName, path: ORDERS.path },
        port: team.spec.observability?.metrics?.port ?? PORTS.status,
        headers: { ...headers, ...orderHeader(key, of, nonce, JSON.stringify(order)) },
        withinMs: REPLY_WITHIN_MS,
        maxBytes: ORDERS.replyBytes,
      });
      const read = toOrderReply(JSON.parse(openAnswer(key, of, agent, nonce, reply)));
      if (read !== undefined) return read;
    } catch (error) {
      log.debug({ agent, reason: reasonOf(error) }, 'a gateway has not taken an order');
    }
  }
  return undefined;
}

/** How many gateways to ask, one after the other. Each may let the controller wait. */
const MOST_ASKED = 2;

function runningAgents({ status }: CachedTeam) {
  const members = [{ ...status?.lead, name: LEAD }, ...(status?.teammates ?? [])];
  return members
    .flatMap(({ name, phase, podName }) =>
      phase === 'Running' && podName ? [{ agent: name, podName }] : [],
    )
    .slice(0, MOST_ASKED);
}

/** Whether a gateway knows already that the team is paused, or that it is not. */
function isKnown(
  before:
    | { readonly status?: string; readonly reason?: string; readonly message?: string }
    | undefined,
  pause: TeamPause | undefined,
): boolean {
  if (before === undefined) return pause === undefined;
  if (!TOLD.includes(before.reason ?? '')) return false;
  return pause === undefined
    ? before.status === 'False'
    : before.status === 'True' && before.message?.startsWith(sentence(pause)) === true;
}

function conditionOf(
  before: object | undefined,
  pause: TeamPause | undefined,
  isTold: boolean,
): NewCondition | undefined {
  if (pause !== undefined) {
    return {
      ...{ type: CONDITION, status: 'True', reason: isTold ? 'PausedByPerson' : 'Pausing' },
      message: isTold ? sentence(pause) : `${sentence(pause)} No running agent has been told yet.`,
    };
  }
  if (before === undefined) return undefined;
  return {
    ...{ type: CONDITION, status: 'False', reason: isTold ? 'Resumed' : 'Resuming' },
    message: isTold
      ? 'The team is not paused.'
      : 'The agents have not been told yet that the pause has ended.',
  };
}

function sentence({ by, at }: TeamPause): string {
  return `${by} paused the team at ${utcTime(at)}.`;
}

function hasEnded({ status, shutdown }: CachedWorkflow): boolean {
  return shutdown !== undefined || Boolean(status?.finishedAt);
}

/** Argo does not end a suspended Workflow at its deadline, so the pause must end first. */
function isLate(workflow: CachedWorkflow, now: Date): boolean {
  const deadline = deadlineOf(workflow);
  return deadline !== undefined && now.getTime() >= deadline;
}

function deadlineOf({ status, deadlineSeconds }: CachedWorkflow): number | undefined {
  if (deadlineSeconds === undefined || !status?.startedAt) return undefined;
  return Date.parse(status.startedAt) + deadlineSeconds * 1000;
}

function untilDeadline(workflow: CachedWorkflow, { now }: TeamContext): number | undefined {
  const deadline = deadlineOf(workflow);
  return deadline === undefined ? undefined : requeueAfter(deadline, now().getTime());
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
