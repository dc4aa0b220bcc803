// Measures the controller with many teams on a real etcd and kube-apiserver (e2e/testcluster/build): how
// soon each team of a burst has its Workflow, the load on the API server, the cost of idle teams, the
// controller's memory, and how soon a gate opens after its approval. The API server counts the requests.
//
// API server, controller and benchmark share this machine, so times are compared to plain requests that
// write the same objects in the same run; only the controller's processor time is absolute. The second
// baseline is an earlier controller, measured on such a server with 200 teams.
//
//   npm run bench:controller
//     TEAMS="200 2000"      the bursts
//     IDLE_SECONDS=60       how long idle teams are measured
//     WARM_SECONDS=150      how long to wait before: figures that do not change are polled less often
//     PROFILE=directory     where the controller writes a CPU profile and a heap profile
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from '../../e2e/controller/cluster.ts';
import { ControllerProcess } from '../../e2e/controller/process.ts';
import { workflowRef } from '../../e2e/controller/teams.ts';
import { atOnce, Client } from './api.mjs';
import { follow } from './follow.mjs';
import { approve, approveByHand } from './gates.mjs';
import { applyTeams, byHand, running, TEAM, WORKFLOW } from './teams.mjs';

const PEER = { seconds: 6, requests: 15, idle: 5.6, mebibytes: 55 };
const AIM = { seconds: 2, requests: 5, idle: 0, mebibytes: 256, gateMs: 300 };
const { env } = process;
const SIZES = (env.TEAMS ?? '200 2000').split(' ').map(Number);
const NAMESPACE = 'burst';
const BY_HAND = 'by-hand';
/** Number and interval of the answers. `atMost` exceeds what two processors can handle. */
const GATES = { alone: 50, steady: 50, perSecond: 10, together: 80, atMost: 40 };
const IDLE_MS = Number(env.IDLE_SECONDS ?? 60) * 1000;
const WARM_MS = Number(env.WARM_SECONDS ?? 150) * 1000;
const PROFILING =
  env.PROFILE === undefined
    ? {}
    : {
        NODE_OPTIONS: `--cpu-prof --heap-prof --cpu-prof-dir=${env.PROFILE} --heap-prof-dir=${env.PROFILE}`,
      };

async function burst(count) {
  const cluster = await Cluster.start();
  let controller;
  try {
    await cluster.namespace(NAMESPACE);
    await cluster.namespace(BY_HAND);
    const client = new Client(cluster.server);
    const names = Array.from({ length: count }, (_, index) => `team-${index}`);
    const hand = await byHand(client, names, BY_HAND);
    controller = await ControllerProcess.start(cluster.kubeconfig, {
      AGENTTEAM_LOG_LEVEL: 'info',
      AGENTTEAM_NAMESPACES: NAMESPACE,
      ...PROFILING,
    });
    // On an overloaded machine, the controller loses its lease and exits.
    const left = controller.exited().then((code) => {
      throw new Error(`the controller exited with ${code}`);
    });
    return { hand, ...(await Promise.race([measure(client, controller, names, hand), left])) };
  } catch (error) {
    console.error(controller?.log.split('\n').slice(-20).join('\n'));
    throw error;
  } finally {
    await controller?.stop();
    await cluster.stop();
  }
}

async function measure(client, controller, names, hand) {
  const count = names.length;
  const cpu = async () => controller.metric('process_cpu_seconds_total');
  const made = await follow(client, WORKFLOW.apiVersion, NAMESPACE, 'workflows', () => true);
  const isAtWork = ({ status }) => status?.phase === 'Running' && status.approvals?.length === 1;
  const atWork = await follow(client, TEAM.apiVersion, NAMESPACE, 'agentteams', isAtWork);

  const before = { ...(await client.counted()), own: client.made, cpu: await cpu() };
  const started = performance.now();
  await applyTeams(client, names, NAMESPACE);
  const created = performance.now();
  const own = client.made - before.own;
  const all = await made.reached(names);
  const after = { ...(await client.counted()), cpu: await cpu() };

  await atOnce(names, 16, (name) =>
    client.patch(workflowRef(name, NAMESPACE), 'workflows', running(name)),
  );
  await atWork.reached(names);
  const rss = (await controller.metric('process_resident_memory_bytes')) / (1 << 20);
  const cpuAtWork = await cpu();

  const first = await client.counted();
  await delay(WARM_MS);
  const idleFrom = { ...(await client.counted()), cpu: await cpu() };
  await delay(IDLE_MS);
  const idleTo = { ...(await client.counted()), cpu: await cpu() };
  const rate = (from, to, ms) => ((to - from) * 60_000) / ms / count;

  const rest = [...names];
  const [alone, steady, together] = [GATES.alone, GATES.steady, GATES.together].map((some) =>
    rest.splice(0, Math.min(some, Math.floor(count / 3))),
  );
  await Promise.all([made.stop(), atWork.stop()]);
  const pauseMs = 1000 / GATES.atMost;
  return {
    createSeconds: (created - started) / 1000,
    seconds: Math.max(0, all - created) / 1000,
    ratio: (all - started) / 1000 / hand.seconds,
    requests: (after.others - before.others - own) / count,
    serverRatio: (after.seconds - before.seconds) / hand.server,
    startCpu: ((after.cpu - before.cpu) * 1000) / count,
    cpu: ((cpuAtWork - before.cpu) * 1000) / count,
    rss,
    kinds: differences(idleFrom.kinds, idleTo.kinds),
    warm: {
      pods: rate(first.pods, idleFrom.pods, WARM_MS),
      others: idleFrom.others - first.others,
    },
    idle: {
      pods: rate(idleFrom.pods, idleTo.pods, IDLE_MS),
      others: rate(idleFrom.others, idleTo.others, IDLE_MS),
      cpu: rate(idleFrom.cpu, idleTo.cpu, IDLE_MS) * 1000,
    },
    alone: await approve(client, alone, NAMESPACE),
    steady: await approve(client, steady, NAMESPACE, 1000 / GATES.perSecond),
    together: await approve(client, together, NAMESPACE, pauseMs),
    byHand: await approveByHand(client, together, BY_HAND, pauseMs),
  };
}

function differences(before, after) {
  return [...after]
    .map(([kind, value]) => [kind, value - (before.get(kind) ?? 0)])
    .filter(([, value]) => value > 0)
    .map(([kind, value]) => `${kind} ${value}`)
    .join(', ');
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
let missed = false;
function line(what, value, unit, aim, peer) {
  const holds = value <= aim;
  missed ||= !holds;
  const ratio = aim === 0 ? '' : `, ${(value / aim).toFixed(2)} of it`;
  const against = peer === undefined ? '' : `; the peer: ${peer}${unit}`;
  const limit = aim === Infinity ? '' : ` (limit ${aim}${unit}${ratio}${against})`;
  console.log(
    `${aim === Infinity ? ' ' : holds ? '✓' : '✗'} ${what}: ${value.toFixed(2)}${unit}${limit}`,
  );
}

const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
console.log(`${availableParallelism()} processors; load of this machine at the start: ${load}`);
for (const size of SIZES) {
  const result = await burst(size);
  console.log(`\n${size} teams, created in ${result.createSeconds.toFixed(1)} s`);
  const limit = size <= 200 ? AIM.seconds : Infinity;
  line(
    'time from the last create until every Workflow exists',
    result.seconds,
    ' s',
    limit,
    PEER.seconds,
  );
  line('  from the first create, compared to plain requests', result.ratio, ' ×', Infinity);
  line(
    "  the API server's processor time, compared to plain requests",
    result.serverRatio,
    ' ×',
    Infinity,
  );
  line('requests a team until then', result.requests, '', AIM.requests, PEER.requests);
  line("the controller's processor time a team, until then", result.startCpu, ' ms', Infinity);
  line('  until all are running', result.cpu, ' ms', Infinity);
  line('resident memory, all teams running', result.rss, ' MiB', AIM.mebibytes, PEER.mebibytes);
  const { idle, warm, alone, steady, together, byHand: resumed } = result;
  line('requests an idle team and minute', idle.others, '', AIM.idle, PEER.idle);
  if (idle.others > 0) console.log(`    of these kinds: ${result.kinds}`);
  line('  requests to its pod, for figures that do not change', idle.pods, '', Infinity);
  line('  requests to its pod in the minutes before', warm.pods, '', Infinity);
  line('  processor time', idle.cpu, ' ms', Infinity);
  for (const [how, took, aim] of [
    ['one at a time', alone, AIM.gateMs],
    [`${GATES.perSecond} a second`, steady, AIM.gateMs],
    [`${GATES.atMost} a second`, together, Infinity],
  ]) {
    line(`annotation to resumed gate, ${how}, p50`, quantile(took, 0.5), ' ms', aim);
    line(`annotation to resumed gate, ${how}, p99`, quantile(took, 0.99), ' ms', aim);
  }
  const against = (q) => quantile(together, q) / quantile(resumed, q);
  line('  against the same resumed by hand, p50', against(0.5), ' ×', Infinity);
  line('  against the same resumed by hand, p99', against(0.99), ' ×', Infinity);
}
process.exitCode = missed ? 1 : 0;
