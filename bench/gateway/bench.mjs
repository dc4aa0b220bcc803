// Measures the gateway against a direct connection in the same run: latency of the first byte and of
// streamed events, throughput with 16 streams, resident memory, idle CPU. `pipe` is a minimal proxy that
// only forwards bytes. Run with `npm run bench:gateway`.
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from '../compare/measure.mjs';
import { exchange } from './exchange.mjs';
import { NODE_OPTIONS, startGateway } from './start.mjs';

const upstream = fork(new URL('upstream.mjs', import.meta.url));
const port = await new Promise((resolve) => upstream.once('message', resolve));
const {
  child: gateway,
  end,
  url,
  token,
} = await startGateway(fileURLToPath(new URL('../..', import.meta.url)), port);
const pipe = fork(new URL('pipe.mjs', import.meta.url), [String(port)], {
  env: { NODE_OPTIONS },
});
const pipePort = await new Promise((resolve) => pipe.once('message', resolve));
const empty = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
const ways = Object.fromEntries(
  Object.entries({
    direct: `http://127.0.0.1:${port}`,
    pipe: `http://127.0.0.1:${pipePort}`,
    gateway: url,
  }).map(([way, at]) => [way, { url: at, token, agent: new Agent({ keepAlive: true }) }]),
);
const WAYS = Object.keys(ways);

const memory = ({ pid }) =>
  Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const cpuTicks = () => {
  const fields = readFileSync(`/proc/${gateway.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

for (const way of WAYS) {
  for (let index = 0; index < 50; index += 1)
    await exchange(ways[way], 'events=20&every=0&bytes=40');
}

// Interleaved, so that other load on the machine affects both.
const first = { direct: [], pipe: [], gateway: [] };
for (let index = 0; index < 300; index += 1) {
  for (const way of WAYS) {
    first[way].push((await exchange(ways[way], 'events=1&every=0&bytes=40')).first);
  }
}
const event = { direct: [], pipe: [], gateway: [] };
for (let index = 0; index < 4; index += 1) {
  for (const way of WAYS) {
    event[way].push(...(await exchange(ways[way], 'events=200&every=4&bytes=40')).delays);
  }
}
const idleBefore = cpuTicks();
await sleep(5000);
const idleCpu = (cpuTicks() - idleBefore) / 5;
const rssAfterWarmUp = { gateway: memory(gateway), pipe: memory(pipe), empty: memory(empty) };

const throughput = {};
for (const way of WAYS) {
  const started = performance.now();
  const streams = await Promise.all(
    Array.from({ length: 16 }, () => exchange(ways[way], 'events=2000&every=0&bytes=200')),
  );
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  throughput[way] = bytes / 1e6 / ((performance.now() - started) / 1000);
}

const added = (values, way, q) => quantile(values[way], q) - quantile(values.direct, q);
const row = (what, gatewayValue, pipeValue, aim) =>
  console.log(`${what.padEnd(46)} ${gatewayValue.padStart(11)} ${pipeValue.padStart(11)}   ${aim}`);
const times = (what, values, q, digits, aim) =>
  row(
    what,
    `${added(values, 'gateway', q).toFixed(digits)} ms`,
    `${added(values, 'pipe', q).toFixed(digits)} ms`,
    aim,
  );
const megabytes = (value) => `${value.toFixed(0)} MB`;
console.log(`node ${process.version}, an empty process ${megabytes(rssAfterWarmUp.empty)}`);
row('', 'gateway', 'pipe', '');
times('added time to first byte, p50', first, 0.5, 2, 'goal < 2 ms');
times('added time to first byte, p99', first, 0.99, 2, '');
times('added time per streamed event, p50', event, 0.5, 3, 'goal < 0.1 ms');
times('added time per streamed event, p99', event, 0.99, 3, '');
const rate = (way) => `${throughput[way].toFixed(1)} MB/s`;
row('16 streams', rate('gateway'), rate('pipe'), `direct ${rate('direct')}`);
row(
  'resident memory, one stream at a time',
  megabytes(rssAfterWarmUp.gateway),
  megabytes(rssAfterWarmUp.pipe),
  'goal < 60 MB',
);
const after = [gateway, pipe].map((process) => megabytes(memory(process)));
row('resident memory, after 16 streams', after[0], after[1], '');
row('idle CPU', `${idleCpu.toFixed(1)} %`, '', '');

for (const { agent } of Object.values(ways)) agent.destroy();
pipe.disconnect();
empty.kill();
await end();
upstream.disconnect();
