import { randomInt } from 'node:crypto';
import { LEAD, ORDERS, PORTS } from '@agentteam/contract';
import { FiguresError, openAnswer, type ProvenFor, type Question } from '@agentteam/figures';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { reasonOf } from '../../kube/kube-error.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { provenFor } from './figures.ts';

/** A pod that has just ended does not refuse connections, so a request to its address would hang. */
const REPLY_WITHIN_MS = 2_000;

export interface GatewayRequest {
  /** Path at the gateway's port for figures. */
  readonly path: string;
  /** Makes the headers for the gateway of an agent. @param key the namespace's key. */
  readonly ask: (key: string, of: ProvenFor, agent: string) => Question;
}

/**
 * Sends a request to gateways of running agents, one after the other, until one of them has proven its reply.
 * Every gateway of a team can write to its volume, so it does not matter which one replies.
 * @returns the reply; undefined if there is none.
 */
export async function askGateways(
  team: CachedTeam,
  workflow: CachedWorkflow,
  { path, ask }: GatewayRequest,
  { api, keys, log }: Pick<TeamContext, 'api' | 'keys' | 'log'>,
): Promise<string | undefined> {
  const of = provenFor(team, workflow);
  for (const { agent, podName } of runningAgents(team)) {
    try {
      const key = await keys.keyOf(of.namespace);
      const { nonce, headers } = ask(key, of, agent);
      const reply = await api.askPod({
        ...{ namespace: of.namespace, name: podName, path, headers },
        port: team.spec.observability?.metrics?.port ?? PORTS.status,
        withinMs: REPLY_WITHIN_MS,
        maxBytes: ORDERS.replyBytes,
      });
      return openAnswer(key, of, agent, nonce, reply);
    } catch (error) {
      // The key may have been replaced.
      if (error instanceof FiguresError) keys.invalidate(of.namespace);
      log.debug({ agent, path, reason: reasonOf(error) }, 'a gateway has not replied');
    }
  }
  return undefined;
}

/**
 * How many gateways to ask, because each may let the controller wait. They are others each time, so that agents
 * that keep theirs busy do not keep people from the team.
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
