import type { ProviderWait, TeamLive } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../packages/runner/test/support/api-server.ts';
import { ApiProxy } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { figures, proverOf } from './gateway-answer.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'provider';
const NAME = 'limited';
const STARTED = '2026-01-01T00:00:00Z';
let cluster: Cluster;
let proxy: ApiProxy;
let receiver: ApiServer;
let controller: ControllerProcess;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  receiver = await serveApi(() => ({ status: 204 }));
  proxy = await ApiProxy.start(cluster.kubeconfig);
  const env = {
    AGENTTEAM_NAMESPACES: NAMESPACE,
    AGENTTEAM_LEADER_ELECTION: 'false',
    AGENTTEAM_LIVE_POLL_SECONDS: '1',
    AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'true',
  };
  controller = await ControllerProcess.start(proxy.kubeconfig, env, 'watching');
});
afterAll(async () => {
  await controller?.stop();
  await proxy?.close();
  await receiver?.close();
  await cluster?.stop();
});

/** The reply of the lead's gateway, with or without an agent that waits for the provider. */
function live(waiting?: ProviderWait): TeamLive {
  const said = figures(NAME, '1.00');
  const writer = {
    name: 'writer',
    role: 'teammate' as const,
    phase: 'running' as const,
    ...{ restarts: 0, turns: 1, usd: '1.00', messagesSent: 0 },
    tokens: said.tokens,
    tasks: said.tasks,
    ...(waiting && { waiting }),
  };
  return { ...said, at: new Date().toISOString(), agents: [writer] };
}

const until = (holds: (team: Stored) => boolean) =>
  cluster.until(teamRef(NAME, NAMESPACE), (now) => now !== undefined && holds(now) && now);
const waits = ({ status }: Stored) =>
  status?.conditions?.find(({ type }: { type: string }) => type === 'WaitingForProvider');

test('shows that a team waits for the provider, and then continues', async () => {
  const webhook = { url: `${receiver.url}/told` };
  await cluster.apply(team(NAME, { observability: { webhook } }, NAMESPACE));
  const prover = await proverOf(cluster, NAME, NAMESPACE);
  const wait: ProviderWait = {
    reason: 'usage-limit',
    since: '2026-11-29T12:00:00.500Z',
    until: '2026-11-29T14:00:00Z',
    told: true,
  };
  let said = live(wait);
  proxy.handle = (from, to, pass) => {
    if (from.url?.includes('/proxy/status') !== true) return pass();
    const sealed = prover.answer(from, JSON.stringify(said));
    if (sealed === undefined) to.writeHead(403).end();
    else to.end(sealed);
  };
  const node = (id: string, displayName: string, templateName: string) => ({
    [`${NAME}-${id}`]: {
      ...{ id: `${NAME}-${id}`, name: `${NAME}.${displayName}`, displayName, templateName },
      ...{ type: 'Pod', phase: 'Running', startedAt: STARTED },
    },
  });
  await cluster.patch(workflowRef(NAME, NAMESPACE), {
    status: {
      phase: 'Running',
      startedAt: STARTED,
      nodes: { ...node('1', 'Lead', 'lead'), ...node('2', 'writer', 'agent-writer') },
    },
  });

  const words = 'waiting for the API: usage limit, until 2026-11-29 14:00:00 UTC';
  const waiting = await until((now) => waits(now)?.status === 'True');
  expect(waits(waiting)).toMatchObject({
    reason: 'UsageLimit',
    message: `writer is ${words}.`,
    lastTransitionTime: '2026-11-29T12:00:00Z',
  });
  expect(waiting.status.message).toContain(`writer is ${words}.`);
  expect(waiting.status.teammates[0]).toMatchObject({ phase: 'Running', message: words });
  expect(await controller.metric('agentteam_team_waiting_for_provider', `team="${NAME}"`)).toBe(1);

  said = live();
  const after = await until((now) => waits(now)?.status === 'False');
  expect(after.status.message).toBe('The agents are working.');
  const events = (await cluster.list('v1', 'Event', NAMESPACE)) as readonly {
    readonly reason?: string;
  }[];
  const reasons = events.map(({ reason }) => reason);
  expect(reasons).toEqual(expect.arrayContaining(['WaitingForProvider', 'ProviderAvailable']));
  expect(receiver.requests.map(({ body }) => body)).toMatchObject([
    {
      event: 'waiting-for-provider',
      message: expect.stringContaining(`writer is ${words}.`),
      data: { agents: [{ agent: 'writer', reason: 'usage-limit' }] },
    },
  ]);
});
