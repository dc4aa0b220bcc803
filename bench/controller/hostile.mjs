// Measures how a namespace with ten thousand large teams affects a team in another namespace and the
// controller: the time until the other team has its Workflow, and the controller's peak memory.
//
//   npm run bench:hostile
//     TEAMS=10000 KILOBYTES=20
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from '../../e2e/controller/cluster.ts';
import { ControllerProcess } from '../../e2e/controller/process.ts';
import { team, workflowRef } from '../../e2e/controller/teams.ts';
import { atOnce, Client } from './api.mjs';
import { TEAM } from './teams.mjs';

const COUNT = Number(process.env.TEAMS ?? 10_000);
const KILOBYTES = Number(process.env.KILOBYTES ?? 20);
const AIM = { seconds: 5, mebibytes: 512 };
const SAMPLES = 20;

const cluster = await Cluster.start();
let controller;
try {
  const client = new Client(cluster.server);
  for (const namespace of ['hostile', 'calm']) await cluster.namespace(namespace);
  const prompt = 'x'.repeat(KILOBYTES << 10);
  const path = `/apis/${TEAM.apiVersion}/namespaces/hostile/agentteams`;
  const names = Array.from({ length: COUNT }, (_, index) => `hostile-${index}`);
  await atOnce(names, 32, (name) =>
    client.send('POST', path, team(name, { lead: { prompt } }, 'hostile')),
  );
  controller = await ControllerProcess.start(cluster.kubeconfig, { AGENTTEAM_LOG_LEVEL: 'info' });
  let most = 0;
  const waits = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const name = `calm-${index}`;
    const startedAt = performance.now();
    await cluster.apply(team(name, {}, 'calm'));
    await cluster.until(workflowRef(name, 'calm'), (workflow) => workflow);
    waits.push((performance.now() - startedAt) / 1000);
    most = Math.max(most, (await controller.metric('process_resident_memory_bytes')) / (1 << 20));
    await delay(500);
  }
  const waiting = await controller.metric('agentteam_queue_depth');
  const slowest = Math.max(...waits);
  const row = (what, value, unit, aim) => {
    const mark = value <= aim ? '✓' : '✗';
    console.log(`${mark} ${what}: ${value.toFixed(1)} ${unit} (at most ${aim})`);
    if (value > aim) process.exitCode = 1;
  };
  console.log(`${COUNT} teams of ${KILOBYTES} KiB in one namespace; ${waiting} still wait`);
  row('from apply to the Workflow of a team elsewhere, the slowest', slowest, 's', AIM.seconds);
  row('memory of the controller, the most', most, 'MiB', AIM.mebibytes);
} finally {
  await controller?.stop();
  await cluster.stop();
}
