import { randomInt } from 'node:crypto';
import {
  LEAD,
  ORDERS,
  type OrderedMessage,
  type OrderReply,
  PORTS,
  type TeamOrder,
  type TeamPause,
  toOrderReply,
} from '@agentteam/contract';
import { askFor, openAnswer, orderHeader } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { reasonOf } from '../../kube/kube-error.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

const REPLY_WITHIN_MS = 2_000;

/** Hands an order to a gateway. @returns undefined if none has taken it. */
export async function handOver(
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

/**
 * How many gateways to ask, one after the other, because each may let the controller wait. They are others each
 * time, so that agents that keep theirs busy do not keep people from the team.
 */
const MOST_ASKED = 2;

function runningAgents({ status }: CachedTeam) {
  const members = [{ ...status?.lead, name: LEAD }, ...(status?.teammates ?? [])];
  const running = members.flatMap(({ name, phase, podName }) =>
    phase === 'Running' && podName ? [{ agent: name, podName }] : [],
  );
  const first = randomInt(Math.max(1, running.length));
  return [...running.slice(first), ...running.slice(0, first)].slice(0, MOST_ASKED);
}
