import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { readPersonMessages, readTeamPause, waitInDirectory } from '@agentteam/volume';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ArgoStandIn } from '../argo/stand-in.ts';
import { onCluster } from '../cli/cli.ts';
import { ApiProxy } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'people';
const HOLD = {
  name: 'Bash',
  input: { command: 'echo x > busy; until [ -e go ]; do sleep 0.1; done' },
};
const REPORT = { name: 'report', input: { outcome: 'completed', summary: 'Written.' } };
const COMPLETE = { name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } };

let cluster: Cluster;
let proxy: ApiProxy;
let argo: ArgoStandIn;
let rehearsal: Rehearsal;
let controller: ControllerProcess;
let cli: ReturnType<typeof onCluster>;
/** Agents whose requests have reached the API. */
const requests: string[] = [];
/** Orders whose replies are lost on the way to the controller. */
let lostReplies = 0;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'anthropic', namespace: NAMESPACE },
    ...{ stringData: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' } },
  });
  const turns = [{ tools: [HOLD] }, { tools: [COMPLETE] }, { tools: [REPORT] }, { text: 'Done.' }];
  rehearsal = await startRehearsal({
    script: {
      agents: {
        writer: { turns },
        [LEAD]: {
          turns: [
            { text: 'I wait.' },
            { until: { ended: true }, tools: [REPORT] },
            { text: 'Done.' },
          ],
        },
      },
    },
    onRequest: ({ agent }) => requests.push(agent),
  });
  argo = new ArgoStandIn(cluster, NAMESPACE);
  proxy = await ApiProxy.start(cluster.kubeconfig);
  proxy.handle = (from, to, pass) => {
    const [, pod, path] = /\/pods\/([^/]+)%3A\d+\/proxy\/(\w+)$/.exec(from.url ?? '') ?? [];
    if (pod === undefined || path === undefined) return pass();
    void forward(pod, path, from.headers as Record<string, string>).then((body) => {
      const isLost = path === 'people' && lostReplies > 0;
      if (isLost) lostReplies -= 1;
      if (body === undefined || isLost) to.writeHead(503).end();
      else to.end(body);
    });
  };
  controller = await startController();
  cli = onCluster(cluster, NAMESPACE);
});
afterAll(async () => {
  await controller?.stop();
  await argo?.stop();
  await rehearsal?.close();
  await proxy?.close();
  await cluster?.stop();
});

const startController = () =>
  ControllerProcess.start(
    proxy.kubeconfig,
    {
      AGENTTEAM_NAMESPACES: NAMESPACE,
      AGENTTEAM_LEADER_ELECTION: 'false',
      AGENTTEAM_API_URL: `${rehearsal.url}/{agent}`,
      POD_NAMESPACE: NAMESPACE,
    },
    'watching',
  );

/** Sends a request to the real gateway in a pod, as the API server's pod proxy does. */
async function forward(
  pod: string,
  path: string,
  { host: _host, ...headers }: Readonly<Record<string, string>>,
): Promise<Buffer | undefined> {
  const url = await argo.statusUrlOf(pod);
  if (url === undefined) return undefined;
  const reply = await fetch(`${url}/${path}`, { headers }).catch(() => undefined);
  return reply?.ok ? Buffer.from(await reply.arrayBuffer()) : undefined;
}

const claim = (name: string, ...path: readonly string[]) =>
  join(argo.claim(`${name}-team`), ...path);

/** Starts a team whose writer is busy until `go`. */
async function start(name: string, lifecycle: object = {}): Promise<void> {
  await cluster.apply(
    team(name, { teammates: [{ name: 'writer', prompt: 'Write it.' }], lifecycle }, NAMESPACE),
  );
  const work = claim(name, 'work/writer');
  const isBusy = async () =>
    (await readdir(work).catch(() => [] as string[])).includes('busy') || undefined;
  await waitInDirectory(work, isBusy, { signal: AbortSignal.timeout(120_000) });
  await until(name, ({ status }) => status?.lead?.phase === 'Running');
}

const until = (name: string, holds: (team: Stored) => boolean) =>
  cluster.until(teamRef(name, NAMESPACE), (now) => now !== undefined && holds(now) && now);
const annotationsOf = ({ metadata }: Stored) => Object.keys(metadata?.annotations ?? {});
const pausedIn = ({ status }: Stored) =>
  status?.conditions?.find(({ type }: { type: string }) => type === 'Paused');
const annotate = (name: string, annotation: string) =>
  cluster.kubectl('annotate', 'agentteam', name, `-n=${NAMESPACE}`, annotation);
async function eventsOf(name: string): Promise<readonly string[]> {
  const events = await cluster.list('v1', 'Event', NAMESPACE);
  return events.flatMap((event) => {
    const { involvedObject, reason, message } = event as Stored & {
      readonly involvedObject?: { readonly name: string };
      readonly reason?: string;
      readonly message?: string;
    };
    return involvedObject?.name === name ? [`${reason}: ${message}`] : [];
  });
}

test('an annotation is a message, which is sent once although a reply is lost and the controller is killed', async () => {
  await start('told');
  lostReplies = 1;
  await annotate('told', 'tell.claude.amcheste.io/writer=Use October.');
  await until('told', (now) => annotationsOf(now).includes('claude.amcheste.io/messages'));
  await controller.stop('SIGKILL');
  controller = await startController();
  await until('told', (now) => !annotationsOf(now).some((one) => /tell|messages/.test(one)));
  expect(await readPersonMessages(claim('told', 'control'), 'writer')).toMatchObject([
    { by: 'annotation', text: 'Use October.' },
  ]);
  expect(lostReplies).toBe(0);

  await annotate('told', 'tell.claude.amcheste.io/nobody=Hello.');
  await until('told', (now) => !annotationsOf(now).some((one) => one.includes('tell')));
  await writeFile(claim('told', 'work/writer/go'), '');
  await until('told', ({ status }) => status?.phase === 'Completed');
  const journal = await readFile(claim('told', 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal.match(/<person-message/g)).toHaveLength(1);
  const events = await eventsOf('told');
  expect(events).toContainEqual('MessageSent: The message of annotation was sent to writer.');
  expect(events).toContainEqual(
    expect.stringContaining(
      'MessageRefused: tell.claude.amcheste.io/nobody: the team has no agent nobody',
    ),
  );
});

test('a paused team asks the API for nothing until it is resumed, also when the controller is killed', async () => {
  await start('paused', { timeout: '1h' });
  const paused = await cli(['pause', 'paused']);
  expect(paused).toMatchObject({ exitCode: 0 });
  expect(paused.stdout).toContain('paused is paused: its agents stop at their next request.');
  expect(paused.stderr).toContain(
    'The timeout of the team goes on during the pause. It expires at ',
  );
  const seen = requests.length;
  await writeFile(claim('paused', 'work/writer/go'), '');
  await controller.stop('SIGKILL');
  controller = await startController();
  const again = await cli(['pause', 'paused']);
  expect(again.stdout).toContain('paused was paused before by admin.');
  expect(await readTeamPause(claim('paused', 'control'))).toMatchObject({ by: 'admin' });
  expect((await cluster.get(workflowRef('paused', NAMESPACE)))?.spec.suspend).toBe(true);
  expect((await cli(['get', 'paused'])).stdout).toContain('admin paused the team');
  expect(requests.slice(seen)).toEqual([]);

  const resumed = await cli(['resume', 'paused']);
  expect(resumed.stdout).toContain('paused continues; admin had paused it');
  const ended = await until('paused', ({ status }) => status?.phase === 'Completed');
  expect(pausedIn(ended)).toMatchObject({ status: 'False' });
  expect(requests.length).toBeGreaterThan(seen);
  expect((await cli(['resume', 'paused'])).stderr).toContain('paused has ended');
});

test('stop ends a paused team, and with it the pause', async () => {
  await start('stopped');
  await annotate('stopped', 'claude.amcheste.io/paused=true');
  await until('stopped', (now) => pausedIn(now)?.reason === 'PausedByPerson');
  expect(await cli(['stop', 'stopped'])).toMatchObject({ exitCode: 0 });
  const ended = await until('stopped', (now) => {
    return (
      now.status?.completedAt !== undefined && !annotationsOf(now).some((one) => /paused/.test(one))
    );
  });
  expect(ended.status).toMatchObject({ phase: 'Failed' });
  expect(await readTeamPause(claim('stopped', 'control'))).toBeUndefined();
});
