// Compares the gateway of this worktree with that of another one, usually an earlier commit, against one
// imitation of the API: see `compile.mjs` for how to make the other worktree.
//   node bench/compare/gateway.mjs ../before
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exchange } from '../gateway/exchange.mjs';
import { startGateway } from '../gateway/start.mjs';
import { compared, cpuTime } from './measure.mjs';

const ROUNDS = 100;
const EXCHANGES = 10;
const here = fileURLToPath(new URL('../..', import.meta.url));
const upstream = fork(new URL('../gateway/upstream.mjs', import.meta.url));
const [port] = await once(upstream, 'message');

async function start(root) {
  const agent = new Agent({ keepAlive: true });
  return { ...(await startGateway(root, port)), agent, first: [], cpu: [], streams: [] };
}

async function cpuTimeOf({ child }, run) {
  const start = cpuTime(child.pid);
  await run();
  return cpuTime(child.pid) - start;
}

const before = await start(resolve(process.argv[2] ?? ''));
const now = await start(here);
const inTurns = async (rounds, measure) => {
  for (let round = 0; round < rounds; round += 1) {
    for (const gateway of round % 2 ? [before, now] : [now, before]) await measure(gateway);
  }
};
const SHORT = 'events=1&every=0&bytes=40';
await inTurns(100, (gateway) => exchange(gateway, SHORT));
await inTurns(ROUNDS, async (gateway) => {
  const all = await cpuTimeOf(gateway, async () => {
    for (let index = 0; index < EXCHANGES; index += 1) {
      gateway.first.push((await exchange(gateway, SHORT)).first);
    }
  });
  gateway.cpu.push(all / EXCHANGES);
});
await inTurns(6, async (gateway) => {
  const streams = Array.from({ length: 16 }, () => 'events=2000&every=0&bytes=200');
  gateway.streams.push(
    await cpuTimeOf(gateway, () => Promise.all(streams.map((script) => exchange(gateway, script)))),
  );
});
compared('time to first byte', before.first, now.first);
compared('CPU time of an exchange', before.cpu, now.cpu);
compared('CPU time of 16 streams', before.streams, now.streams);
for (const { agent, end } of [before, now]) {
  agent.destroy();
  await end();
}
upstream.disconnect();
