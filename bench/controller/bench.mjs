// How the controller bears many teams, on a real etcd and kube-apiserver (e2e/testcluster/build): how
// soon each of a burst has its Workflow, what that takes of the API server, what an idle team takes,
// what the controller holds in memory, and how soon a gate opens once it is approved. Requests are
// those that the API server counted itself. Run with `npm run bench:controller`; TEAMS="200 2000"
// chooses the bursts. Peer: the controller that this one replaces, measured on such a server with
// 200 teams.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cluster } from '../../e2e/controller/cluster.ts';
import { ControllerProcess } from '../../e2e/controller/process.ts';
import { team, teamRef } from '../../e2e/controller/teams.ts';

const PEER = { seconds: 6, requests: 15, idle: 5.6, mebibytes: 55 };
const AIM = { seconds: 2, requests: 5, idle: 0, mebibytes: 256, gateMs: 300 };
const SIZES = (process.env.TEAMS ?? '200 2000').split(' ').map(Number);
const GATES = 200;
const IDLE_MS = Number(process.env.IDLE_SECONDS ?? 60) * 1000;
const EVENT = 'spawn-editor';
const program = fileURLToPath(new URL('../../dist/controller.mjs', import.meta.url));
/** What the controller touches for teams; its lease and its watches are not a team's. */
const RESOURCES = new Set([
  ...['agentteams', 'workflows', 'events', 'serviceaccounts', 'roles', 'rolebindings', 'secrets'],
  ...['persistentvolumeclaims', 'pods'],
]);

/** Requests that the bench makes itself: over connections that stay, so that it is not the brake. */
class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 32, rejectUnauthorized: false });
  #server;
  made = 0;

  constructor(server) {
    this.#server = server;
  }

  async send(method, path, body, type = 'application/json') {
    this.made += 1;
    const answer = await new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer admin-token', 'content-type': type };
      request(`${this.#server}${path}`, { method, agent: this.#agent, headers }, resolve)
        .on('error', reject)
        .end(body && JSON.stringify(body));
    });
    const text = (await answer.toArray()).map(String).join('');
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }

  patch(ref, plural, body) {
    const path = `/apis/${ref.apiVersion}/namespaces/${ref.namespace}/${plural}/${ref.name}`;
    return this.send('PATCH', path, body, 'application/merge-patch+json');
  }
}

/** Requests that the API server has counted for the resources of teams, watches excepted. */
async function counted(client) {
  const text = await client.send('GET', '/metrics');
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith('apiserver_request_total{') || line.includes('verb="WATCH"')) continue;
    const resource = /resource="([^"]*)"/.exec(line)?.[1];
    if (RESOURCES.has(resource)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

/** Counts what is true of the objects of a kind, as the watch tells of them. */
function follow(cluster, kind, namespace, holds) {
  const end = new AbortController();
  const seen = new Set();
  const waiting = new Set();
  const ended = cluster.follow(
    { ...kind, namespace },
    (phase, object) => {
      if (phase !== 'DELETED' && holds(object)) seen.add(object.metadata.name);
      for (const look of waiting) look();
    },
    end.signal,
  );
  const reached = (count) =>
    new Promise((resolve, reject) => {
      ended.catch(reject);
      const look = () => {
        if (seen.size < count) return;
        waiting.delete(look);
        resolve(performance.now());
      };
      waiting.add(look);
      look();
    });
  const stop = () => {
    end.abort();
    return ended;
  };
  return { reached, stop };
}

async function atOnce(items, limit, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };
const TEAM = { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam' };
const workflowRef = (name, namespace) => ({ ...WORKFLOW, name, namespace });

/** A Workflow at work as Argo has it: set up, lead and writer running, and a gate that waits. */
function running(name) {
  const node = (id, displayName, more) => [
    `${name}-${id}`,
    { id: `${name}-${id}`, name: `${name}.${displayName}`, displayName, ...more },
  ];
  const supplied = ['decision', 'decided-by', 'reason'].map((output) => ({
    name: output,
    valueFrom: { supplied: {}, default: output === 'decision' ? 'approve' : '' },
  }));
  const startedAt = '2026-01-01T00:00:00Z';
  return {
    status: {
      phase: 'Running',
      startedAt,
      nodes: Object.fromEntries([
        node(1, 'Setup', { type: 'Pod', phase: 'Succeeded', templateName: 'setup', startedAt }),
        node(2, 'Lead', { type: 'Pod', phase: 'Running', templateName: 'lead', startedAt }),
        node(3, 'writer', {
          type: 'Pod',
          phase: 'Running',
          templateName: 'agent-writer',
          startedAt,
        }),
        node(4, `Approve-${EVENT}`, {
          ...{ type: 'Suspend', phase: 'Running', templateName: `approve-${EVENT}`, startedAt },
          outputs: { parameters: supplied },
        }),
      ]),
    },
  };
}

async function burst(count) {
  const cluster = await Cluster.start();
  let controller;
  const follows = [];
  try {
    const namespace = 'burst';
    await cluster.namespace(namespace);
    controller = await ControllerProcess.start(
      cluster.kubeconfig,
      { AGENTTEAM_LOG_LEVEL: 'info' },
      'leading',
      [program],
    );
    const client = new Client(cluster.server);
    const names = Array.from({ length: count }, (_, index) => `team-${index}`);
    const lifecycle = { approvalGates: [{ event: EVENT }] };
    const made = follow(cluster, WORKFLOW, namespace, () => true);
    const atWork = follow(
      cluster,
      TEAM,
      namespace,
      ({ status }) => status?.phase === 'Running' && status.approvals?.length === 1,
    );
    follows.push(made, atWork);

    const before = await counted(client);
    const ownBefore = client.made;
    const started = performance.now();
    await atOnce(names, 32, (name) => {
      const path = `/apis/${TEAM.apiVersion}/namespaces/${namespace}/agentteams`;
      return client.send('POST', path, team(name, { lifecycle }, namespace));
    });
    const created = performance.now();
    const own = client.made - ownBefore;
    const all = await made.reached(count);
    const requests = ((await counted(client)) - before - own) / count;

    await atOnce(names, 16, (name) =>
      client.patch(workflowRef(name, namespace), 'workflows', running(name)),
    );
    await atWork.reached(count);
    const rss = (await controller.metric('process_resident_memory_bytes')) / (1 << 20);

    const cpu = ((await controller.metric('process_cpu_seconds_total')) * 1000) / count;

    const idleFrom = await counted(client);
    await delay(IDLE_MS);
    const idle = (((await counted(client)) - idleFrom) * 60_000) / IDLE_MS / count;

    const gates = await approve(cluster, client, names.slice(0, GATES), namespace);
    return {
      ...{
        count,
        createSeconds: (created - started) / 1000,
        seconds: Math.max(0, all - created) / 1000,
      },
      ...{ requests, rss, cpu, idle, gates },
    };
  } finally {
    await Promise.all(follows.map(({ stop }) => stop()));
    await controller?.stop();
    await cluster.stop();
  }
}

/** Milliseconds from an annotation's request to the news that the gate was resumed, sorted. */
async function approve(cluster, client, names, namespace) {
  const asked = new Map();
  const took = new Map();
  const answered = follow(cluster, WORKFLOW, namespace, ({ metadata: { name }, status }) => {
    const open = status?.nodes?.[`${name}-4`]?.phase !== 'Succeeded';
    if (open || !asked.has(name)) return false;
    if (!took.has(name)) took.set(name, performance.now() - asked.get(name));
    return true;
  });
  // Forty people a second, each by themselves.
  for (const name of names) {
    asked.set(name, performance.now());
    const annotations = { [`approved.claude.amcheste.io/${EVENT}`]: 'true' };
    void client.patch(teamRef(name, namespace), 'agentteams', { metadata: { annotations } });
    await delay(25);
  }
  await answered.reached(names.length);
  await answered.stop();
  return [...took.values()].toSorted((a, b) => a - b);
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
let missed = false;
function line(what, value, unit, aim, peer) {
  const holds = value <= aim;
  missed ||= !holds;
  const ratio = aim === 0 ? '' : `, ${(value / aim).toFixed(2)} of it`;
  const against = peer === undefined ? '' : `; the peer: ${peer}${unit}`;
  console.log(
    `${holds ? '✓' : '✗'} ${what}: ${value.toFixed(2)}${unit} (limit ${aim}${unit}${ratio}${against})`,
  );
}

const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
console.log(`load of this machine at the start: ${load}`);
for (const size of SIZES) {
  const result = await burst(size);
  console.log(`\n${size} teams, made in ${result.createSeconds.toFixed(1)} s`);
  const limit = size <= 200 ? AIM.seconds : Infinity;
  line('every Workflow exists after the last create', result.seconds, ' s', limit, PEER.seconds);
  line('requests a team until then', result.requests, '', AIM.requests, PEER.requests);
  line('requests an idle team and minute', result.idle, '', AIM.idle, PEER.idle);
  line('resident memory, all teams running', result.rss, ' MiB', AIM.mebibytes, PEER.mebibytes);
  console.log(`  processor time from start to running: ${result.cpu.toFixed(1)} ms a team`);
  line('annotation to resumed gate, p50', quantile(result.gates, 0.5), ' ms', AIM.gateMs);
  line('annotation to resumed gate, p99', quantile(result.gates, 0.99), ' ms', AIM.gateMs);
}
process.exitCode = missed ? 1 : 0;
