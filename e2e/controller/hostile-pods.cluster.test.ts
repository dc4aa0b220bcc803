import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ApiProxy } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { figures, proverOf } from './gateway-answer.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

/** Replies in place of a gateway: an agent in the pod can listen on its port. */
type Answer = (from: IncomingMessage, to: ServerResponse) => void;

const NAMESPACE = 'hostile-pods';
const run = { phase: 'Running', startedAt: '2026-01-01T00:00:00Z' };
const lead = { id: 'l-1', name: 'l', displayName: 'Lead', type: 'Pod', templateName: 'lead' };
let cluster: Cluster;
let proxy: ApiProxy;
let controller: ControllerProcess;
/** By team. */
const answers = new Map<string, Answer>();

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
});
beforeEach(async () => {
  proxy = await ApiProxy.start(cluster.kubeconfig);
  proxy.handle = (from, to, pass) => {
    const name = /\/pods\/(.*)-lead-1%3A9464\/proxy\/status$/.exec(from.url ?? '')?.[1];
    if (name === undefined) pass();
    else (answers.get(name) ?? silent)(from, to);
  };
  const env = {
    AGENTTEAM_NAMESPACES: NAMESPACE,
    AGENTTEAM_LEADER_ELECTION: 'false',
    AGENTTEAM_LIVE_POLL_SECONDS: '1',
  };
  controller = await ControllerProcess.start(proxy.kubeconfig, env, 'watching');
});
afterEach(async () => {
  await controller?.stop();
  await proxy.close();
  answers.clear();
});
afterAll(async () => {
  await cluster?.stop();
});

const silent: Answer = (_from, to) => void to.writeHead(503).end();

/** Starts a team whose lead is running, and returns the proof of its figures. */
async function running(name: string) {
  await cluster.apply(team(name, {}, NAMESPACE));
  const prover = await proverOf(cluster, name, NAMESPACE);
  const say =
    (body: string): Answer =>
    (from, to) => {
      const sealed = prover.answer(from, body);
      if (sealed === undefined) to.writeHead(403).end();
      else to.end(sealed);
    };
  await show(name, { l: { ...lead, id: `${name}-1` } });
  return { ...prover, say };
}

async function show(name: string, nodes: Readonly<Record<string, { id: string }>>, more = {}) {
  const byId = Object.fromEntries(
    Object.values(nodes).map((node) => [node.id, { ...run, ...node }]),
  );
  await cluster.patch(workflowRef(name, NAMESPACE), { status: { ...run, nodes: byId, ...more } });
}

const until = (name: string, holds: (team: Stored) => boolean) =>
  cluster.until(teamRef(name, NAMESPACE), (now) => now !== undefined && holds(now) && now);
const costs = (cost: string) => (now: Stored) => now.status?.cost === cost;
const refused = (now: Stored) =>
  now.status?.conditions?.find(({ type }: { type: string }) => type === 'FiguresRefused');

test.each<[string, string, Answer]>([
  ['endless', 'TooLarge', (_from, to) => flood(to)],
  ['forged', 'NotProven', (_from, to) => void to.end(JSON.stringify(figures('forged', '9.99')))],
  ['empty', 'NotProven', (_from, to) => void to.end()],
])('refuses a reply that is %s, and reports it once', async (name, reason, answer) => {
  const { say } = await running(name);
  answers.set(name, say(JSON.stringify(figures(name, '1.00'))));
  await until(name, costs('$1.00'));
  answers.set(name, answer);
  const told = await until(name, (now) => refused(now)?.reason === reason);
  expect(told.status.cost).toBe('$1.00');
  const events = await cluster.list('v1', 'Event', NAMESPACE);
  expect(
    events.filter((event) => (event as { reason?: string }).reason === 'FiguresRefused'),
  ).toContainEqual(
    expect.objectContaining({ involvedObject: expect.objectContaining({ name }), type: 'Warning' }),
  );
  // The figures of the real gateway are trusted again.
  answers.set(name, say(JSON.stringify(figures(name, '1.50'))));
  const after = await until(name, costs('$1.50'));
  expect(refused(after)).toBeUndefined();
  expect(await controller.metric('process_resident_memory_bytes')).toBeLessThan(400 << 20);
});

function flood(to: ServerResponse): void {
  let left = 150 << 20;
  const more = () => {
    while (left > 0 && !to.destroyed && to.write(Buffer.alloc(1 << 20, ' '))) left -= 1 << 20;
    if (!to.destroyed && left > 0) to.once('drain', more);
    else to.end();
  };
  more();
}

test('a recorded reply does not answer a later request', async () => {
  const name = 'replayed';
  const { answer, say } = await running(name);
  let old: Buffer | undefined;
  answers.set(name, (from, to) => {
    old ??= answer(from, JSON.stringify(figures(name, '1.00')));
    to.end(old);
  });
  await until(name, (now) => costs('$1.00')(now) && refused(now)?.reason === 'NotProven');
  answers.set(name, say(JSON.stringify(figures(name, '2.00'))));
  await until(name, (now) => costs('$2.00')(now) && refused(now) === undefined);
});

test.each<[string, unknown, string]>([
  ['null-agents', { ...figures('x', '1.00'), agents: [null] }, 'agents[0] is not an object'],
  ['null-tokens', { ...figures('x', '1.00'), tokens: null }, 'tokens is not an object'],
  ['nothing', null, 'the answer is not an object'],
  ['text', { ...figures('x', '1.00'), usd: '\u001b[2J1' }, 'usd is not an amount of dollars'],
])('a gateway that replies with %s delays nobody', async (name, said, problem) => {
  const { say } = await running(name);
  answers.set(name, say(JSON.stringify(said)));
  const told = await until(name, (now) => refused(now)?.reason === 'Malformed');
  expect(refused(told).message).toContain(problem);
  // This team and all others are still reconciled.
  await show(
    name,
    { l: { ...lead, id: `${name}-1` } },
    { phase: 'Failed', message: 'over', finishedAt: run.startedAt },
  );
  await until(name, (now) => now.status?.phase === 'Failed');
});

test('the cost of a team never decreases', async () => {
  const name = 'shrinking';
  const { say } = await running(name);
  answers.set(name, say(JSON.stringify(figures(name, '3.00'))));
  await until(name, costs('$3.00'));
  answers.set(name, say(JSON.stringify(figures(name, '0.10'))));
  const told = await until(name, (now) => refused(now)?.reason === 'WentDown');
  expect(told.status.cost).toBe('$3.00');
});

test('shows the totals of the last step, but not those that somebody patched into the Workflow', async () => {
  const name = 'patched';
  const { say, proof } = await running(name);
  answers.set(name, say(JSON.stringify(figures(name, '1.00'))));
  await until(name, costs('$1.00'));
  const finish = (usd: string, by?: string) => {
    const totals = JSON.stringify(figures(name, usd));
    const parameters = [
      { name: 'totals', value: totals },
      { name: 'totals-proof', value: by ?? proof(totals) },
    ];
    const step = { id: 'f', name: 'f', displayName: 'Finish', type: 'Pod', templateName: 'finish' };
    return show(name, {
      l: { ...lead, id: `${name}-1` },
      f: { ...step, outputs: { parameters } } as never,
    });
  };
  await finish('0.01', proof(JSON.stringify(figures(name, '9.99'))));
  const told = await until(name, (now) => refused(now)?.reason === 'NotProven');
  expect(told.status.cost).toBe('$1.00');
  await finish('1.25');
  expect(refused(await until(name, costs('$1.25')))).toBeUndefined();
});

test('the totals of an earlier end do not lower the cost after a retry', async () => {
  const name = 'put-back';
  const { proof } = await running(name);
  const finish = (usd: string) => {
    const totals = JSON.stringify(figures(name, usd));
    const parameters = [
      { name: 'totals', value: totals },
      { name: 'totals-proof', value: proof(totals) },
    ];
    const step = { id: 'f', name: 'f', displayName: 'Finish', type: 'Pod', templateName: 'finish' };
    return show(name, { f: { ...step, outputs: { parameters } } as never });
  };
  await finish('1.25');
  await until(name, costs('$1.25'));
  await finish('5.00');
  await until(name, costs('$5.00'));
  await finish('1.25');
  const told = await until(name, (now) => refused(now)?.reason === 'WentDown');
  expect(told.status.cost).toBe('$5.00');
});

test('pods that hang do not delay other teams', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => running(`hang-${index}`)));
  for (let index = 0; index < 20; index += 1) answers.set(`hang-${index}`, () => {});
  const { say } = await running('lively');
  answers.set('lively', say(JSON.stringify(figures('lively', '4.00'))));
  await until('lively', costs('$4.00'));
});
