import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ApiProxy, type RequestHandler } from './api-proxy.ts';
import { Cluster } from './cluster.ts';
import { figures, proverOf } from './gateway-answer.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'faults';
let cluster: Cluster;
let proxy: ApiProxy;
let controller: ControllerProcess;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
});
beforeEach(async () => {
  proxy = await ApiProxy.start(cluster.kubeconfig);
});
afterEach(async () => {
  await controller?.stop();
  await proxy.close();
});
afterAll(async () => {
  await cluster?.stop();
});

const start = async (): Promise<void> => {
  const env = { AGENTTEAM_NAMESPACES: NAMESPACE, AGENTTEAM_LEADER_ELECTION: 'false' };
  controller = await ControllerProcess.start(proxy.kubeconfig, env, 'watching');
};
const started = async (name: string): Promise<void> => {
  await cluster.apply(team(name, {}, NAMESPACE));
  await cluster.until(teamRef(name, NAMESPACE), (now) => now?.status?.phase === 'Pending');
};

const isWatch = (url = ''): boolean => url.includes('/agentteams?') && url.includes('watch=');
const isList = (url = ''): boolean => url.includes('/agentteams?') && !url.includes('watch=');
/** Matches lists and watches. A controller that has lost its watch learns of a change from either. */
const reads =
  (kinds: string) =>
  ({ method, url = '' }: IncomingMessage): boolean =>
    method === 'GET' && url.includes(`/${kinds}?`);

/** Injects a fault into the first matching request, and passes the others. */
function once(meant: (url?: string) => boolean, handle: RequestHandler): RequestHandler {
  let done = false;
  return (from, to, pass) => {
    if (done || !meant(from.url)) return pass();
    done = true;
    handle(from, to, pass);
  };
}

/** Makes the watch send an event first. */
const tell =
  (line: string): RequestHandler =>
  (_from, to, pass) =>
    pass((answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      to.write(`${line}\n`);
      answer.pipe(to);
    });
const refuse =
  (status: number): RequestHandler =>
  (_from, to) => {
    to.writeHead(status, { 'content-type': 'application/json' });
    to.end(JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message: 'not now' }));
  };

test('reconnects after broken connections', async () => {
  await start();
  await started('before');
  proxy.drop();
  await started('after');
});

test.each([429, 500, 503])('lists again after status %i', async (status) => {
  proxy.handle = once(isList, refuse(status));
  await start();
  expect(controller.log).toContain(`"status":${status}`);
  await started(`list-${status}`);
});

test.each<[string, RequestHandler]>([
  ['breaks in the middle', (_from, to) => void to.write('{"items":[', () => to.destroy())],
  ['ends too early', (_from, to) => void to.end('{"items":[{"metadata"')],
  ['is a web page', (_from, to) => void to.end('<html>Sign in</html>')],
  ['is not a list', (_from, to) => void to.end('{"kind":"Status"}')],
  ['is endless', (_from, to) => flood(to)],
])('lists again after a list that %s', async (what, handle) => {
  proxy.handle = once(isList, handle);
  await start();
  await started(`list-${what.replaceAll(' ', '-')}`);
});

function flood(to: ServerResponse): void {
  const more = () => {
    while (!to.destroyed && to.write(Buffer.alloc(1 << 20, ' ')));
    if (!to.destroyed) to.once('drain', more);
  };
  more();
}

test('restarts a list whose page has expired', async () => {
  const names = ['page-1', 'page-2', 'page-3'];
  for (const name of names) await cluster.apply(team(name, {}, NAMESPACE));
  const shortened = (url = '') => url.replace(/limit=\d+/, 'limit=1');
  let refused = false;
  proxy.handle = (from, to, pass) => {
    if (!isList(from.url)) return pass();
    from.url = shortened(from.url);
    if (refused || !from.url.includes('continue=')) return pass();
    refused = true;
    refuse(410)(from, to, pass);
  };
  await start();
  expect(refused).toBe(true);
  for (const name of names) {
    await cluster.until(teamRef(name, NAMESPACE), (now) => now?.status?.phase === 'Pending');
  }
});

test('respects Retry-After, and starts the team once', async () => {
  const asked: number[] = [];
  proxy.handle = (from, to, pass) => {
    if (from.method !== 'POST' || !from.url?.includes('/workflows')) return pass();
    asked.push(performance.now());
    if (asked.length > 1) return pass();
    from.resume();
    to.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' });
    to.end('{"kind":"Status","code":429,"message":"not now"}');
  };
  await start();
  await started('left-alone');
  expect(asked).toHaveLength(2);
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(2000);
});

test('endless conflicts of one team do not delay another', async () => {
  let conflicts = 0;
  proxy.handle = (from, to, pass) => {
    const meant = from.method === 'PATCH' && from.url?.includes('/agentteams/contested/status');
    if (!meant || conflicts === 4) return pass();
    conflicts += 1;
    from.resume();
    refuse(409)(from, to, pass);
  };
  await start();
  await cluster.apply(team('contested', {}, NAMESPACE));
  await started('uncontested');
  await cluster.until(teamRef('contested', NAMESPACE), (now) => now?.status?.phase === 'Pending');
  expect(conflicts).toBe(4);
  const workflows = await cluster.list('argoproj.io/v1alpha1', 'Workflow', NAMESPACE);
  const own = workflows.filter(({ metadata }) => metadata?.name?.startsWith('contested'));
  expect(own).toHaveLength(1);
});

test.each<[string, RequestHandler]>([
  ['are refused', refuse(403)],
  ['get no reply', () => {}],
])('a namespace whose requests %s does not delay others', async (what, handle) => {
  const [shut, open] = ['shut', 'open'].map((one) => `${one}-${what.replaceAll(' ', '-')}`);
  for (const name of [shut, open]) await cluster.namespace(name as string);
  const isShut = (url = '') => url.includes(`/namespaces/${shut}/`);
  // Inject the fault only into requests for other kinds.
  const isSeen = (url = '') => handle.length === 0 && url.includes('/agentteams?');
  proxy.handle = (from, to, pass) => {
    if (!isShut(from.url) || isSeen(from.url) || isWorkflows(from.url)) pass();
    else handle(from, to, pass);
  };
  const isWorkflows = (url = '') => handle.length === 0 && /(workflows|templates|runs)\?/.test(url);
  const env = { AGENTTEAM_NAMESPACES: `${shut},${open}`, AGENTTEAM_LEADER_ELECTION: 'false' };
  controller = await ControllerProcess.start(proxy.kubeconfig, env, 'watching');
  for (let index = 0; index < 30; index += 1) {
    await cluster.apply(team(`held-${index}`, {}, shut as string));
  }
  await cluster.apply(team('free', {}, open as string));
  await cluster.until(teamRef('free', open as string), (now) => now?.status?.phase === 'Pending');
  // Kill it, because it would wait for the request without a reply.
  await controller.stop('SIGKILL');
});

test('lists again when a watch is too old', async () => {
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } };
  proxy.handle = once(isWatch, tell(JSON.stringify(gone)));
  await start();
  await controller.logged('"status":410');
  await started('anew');
});

test.each([
  ['of invalid JSON', '{"type":"ADDED","obj'],
  ['without an object', '{"type":"ADDED"}'],
  ['with an unnamed object', '{"type":"MODIFIED","object":{"metadata":{}}}'],
  ['of an unknown type', '{"type":"SURPRISE","object":{"metadata":{"name":"x"}}}'],
  ['that never ends', ' '.repeat(9 << 20)],
  ['of null', 'null'],
])('survives a watch event %s', async (what, line) => {
  proxy.handle = once(isWatch, tell(line));
  await start();
  await started(what.replaceAll(/[^a-z]/gi, '-').toLowerCase());
});

test('a team that replaces another one unnoticed inherits neither its end nor its costs', async () => {
  const name = 'twin';
  const said = JSON.stringify(figures(name, '1.00'));
  let gateway: Awaited<ReturnType<typeof proverOf>> | undefined;
  let looks = true;
  proxy.handle = (from, to, pass) => {
    const asksPod = from.url?.includes('/proxy/') ?? false;
    if (asksPod && looks && gateway !== undefined) to.end(gateway.answer(from, said));
    else if (asksPod) refuse(503)(from, to, pass);
    else if (reads('agentteams')(from) && !looks) to.destroy();
    else pass();
  };
  await start();
  const ref = teamRef(name, NAMESPACE);
  const workflow = workflowRef(name, NAMESPACE);
  const lead = { id: 'l', name: 'l', displayName: 'Lead', type: 'Pod', templateName: 'lead' };
  const run = { phase: 'Running', startedAt: '2026-01-01T00:00:00Z' };
  const costs = async (cost: string) => {
    gateway = await proverOf(cluster, name, NAMESPACE);
    await cluster.patch(workflow, { status: { ...run, nodes: { l: { ...lead, ...run } } } });
    await cluster.until(
      ref,
      ({ status } = {}) => status?.phase === 'Running' && status.cost === cost,
    );
  };
  await cluster.apply(team(name, {}, NAMESPACE));
  await costs('$1.00');

  looks = false;
  proxy.drop();
  await cluster.delete(ref);
  await cluster.patch(ref, { metadata: { finalizers: null } });
  await cluster.until(ref, (now) => now === undefined);
  // Act as the garbage collector.
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: `${name}-team` };
  await cluster.delete({ ...claim, namespace: NAMESPACE });
  await cluster.patch({ ...claim, namespace: NAMESPACE }, { metadata: { finalizers: null } });
  await cluster.apply(team(name, {}, NAMESPACE));
  // This event is about the old team, which the controller still knows.
  await cluster.delete(workflow);
  await controller.logged('"status":409');
  looks = true;
  await costs('$0.00');
});

test('the deletion of a team does not stop a newer Workflow with the same name', async () => {
  const name = 'usurped';
  let looks = true;
  proxy.handle = (from, to, pass) => {
    if (reads('workflows')(from) && !looks) to.destroy();
    else pass();
  };
  await start();
  const ref = teamRef(name, NAMESPACE);
  const workflow = workflowRef(name, NAMESPACE);
  await started(name);
  await cluster.patch(workflow, { status: { phase: 'Running' } });
  await cluster.until(ref, (now) => now?.status?.phase === 'Initializing');

  looks = false;
  proxy.drop();
  await cluster.delete(workflow);
  const { apiVersion, kind } = workflow;
  await cluster.apply({
    ...{ apiVersion, kind, metadata: { name, namespace: NAMESPACE } },
    spec: { entrypoint: 'mine' },
  });
  await cluster.delete(ref);
  await controller.logged('"status":422');
  expect((await cluster.get(workflow))?.spec).toEqual({ entrypoint: 'mine' });
  looks = true;
  await cluster.until(ref, (now) => now === undefined);
  expect((await cluster.get(workflow))?.spec).toEqual({ entrypoint: 'mine' });
});

test('a refused team does not delay another', async () => {
  proxy.handle = (from, to, pass) => {
    const meant = from.method === 'POST' && from.url?.includes('/workflows');
    if (!meant) return pass();
    let body = '';
    from.on('data', (part) => {
      body += part;
    });
    from.on('end', () => {
      if (body.includes('"name":"unlucky"')) refuse(403)(from, to, pass);
      else refuse(500)(from, to, pass);
      if (!body.includes('"name":"unlucky"')) proxy.handle = (_f, _t, next) => next();
    });
  };
  await start();
  await cluster.apply(team('unlucky', {}, NAMESPACE));
  const { status } = await cluster.until(
    teamRef('unlucky', NAMESPACE),
    (now) => now?.status?.phase === 'Pending' && now,
  );
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Started', reason: 'Refused', message: 'not now' }),
  );
  await started('lucky');
  // The controller retries, and the server now accepts.
  await cluster.until(teamRef('unlucky', NAMESPACE), (now) =>
    now?.status?.conditions.some(
      ({ type, status: value }: { type: string; status: string }) =>
        type === 'Started' && value === 'True',
    ),
  );
});

const GATE = 'claude.amcheste.io/spawn-editor';
const gate = { id: 'g', name: 'g', displayName: 'Approve-spawn-editor', type: 'Suspend' };

test.each([
  ['malformed-votes', { ...gate, phase: 'Running' }, { [`votes.${GATE}`]: '[null]' }],
  ['a-step-without-a-name', { id: 'g', type: 'Suspend', phase: 'Running' }, {}],
])('a team with %s does not delay others', async (name, node, said) => {
  await start();
  const lifecycle = { approvalGates: [{ event: 'spawn-editor' }] };
  await cluster.apply(team(name, { lifecycle }, NAMESPACE));
  await cluster.until(workflowRef(name, NAMESPACE), (now) => now);
  await cluster.patch(workflowRef(name, NAMESPACE), {
    status: { phase: 'Running', nodes: { g: node } },
  });
  await cluster.patch(teamRef(name, NAMESPACE), {
    metadata: { annotations: { [`approved.${GATE}`]: 'true', ...said } },
  });
  await started(`beside-${name}`);
});
