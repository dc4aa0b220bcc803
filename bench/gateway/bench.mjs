// Measures the gateway against a direct connection in the same run: latency of the first byte and of
// streamed events, throughput with 16 streams, resident memory, idle CPU. `pipe` is a minimal proxy that
// only forwards bytes. Run with `npm run bench:gateway`.
import { fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'agentteam-bench-'));
for (const path of ['ledger', 'control', 'state']) {
  mkdirSync(join(root, 'var/lib/agentteam', path), { recursive: true });
}
const upstream = fork(new URL('upstream.mjs', import.meta.url));
const port = await new Promise((resolve) => upstream.once('message', resolve));

// Bundled as in a pod, because type stripping would use additional memory.
const program = join(root, 'gateway.mjs');
await build({
  entryPoints: [join(ROOT, 'packages/runner/test/gateway/run-gateway.ts')],
  outfile: program,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  conditions: ['source'],
  minifySyntax: true,
  minifyWhitespace: true,
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
// The compiler sets the same limit; the pipe gets it, too.
const NODE_OPTIONS = '--max-semi-space-size=1';
const gateway = spawn(process.execPath, [program], {
  env: {
    PATH: process.env.PATH,
    NODE_OPTIONS,
    AGENTTEAM_SPEC: JSON.stringify({
      team: 'bench',
      namespace: 'default',
      agent: 'worker',
      teamBudgetLimit: '1000000.00',
      onLimit: 'finish',
      onProviderLimit: 'wait',
      model: 'opus',
      mcpServers: [],
      record: false,
    }),
    AGENTTEAM_ROOT: root,
    AGENTTEAM_UPSTREAM: `http://127.0.0.1:${port}`,
    AGENTTEAM_GATEWAY_PORT: '0',
    AGENTTEAM_STATUS_PORT: '0',
    AGENTTEAM_ENGINE: 'local',
  },
  stdio: ['pipe', 'ignore', 'inherit'],
});

async function gatewayAddress() {
  for (;;) {
    try {
      return JSON.parse(readFileSync(join(root, 'run/agentteam/gateway.json'), 'utf8'));
    } catch {
      await sleep(20);
    }
  }
}
const { url, token } = await gatewayAddress();
const pipe = fork(new URL('pipe.mjs', import.meta.url), [String(port)], {
  env: { NODE_OPTIONS },
});
const pipePort = await new Promise((resolve) => pipe.once('message', resolve));
const empty = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
const ways = {
  direct: `http://127.0.0.1:${port}`,
  pipe: `http://127.0.0.1:${pipePort}`,
  gateway: url,
};
const WAYS = Object.keys(ways);

/** A request of the CLI's size: tools and system prompt are about 90 KB. */
const body = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  system: 'x'.repeat(90_000),
});
const agents = Object.fromEntries(WAYS.map((way) => [way, new Agent({ keepAlive: true })]));

/** @returns milliseconds to the first byte, the delay of each event, and the number of bytes. */
function exchange(way, script) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const length = Buffer.byteLength(body);
    const headers = { 'x-api-key': token, 'content-length': length, 'x-bench': script };
    const options = { method: 'POST', agent: agents[way], headers };
    const call = request(`${ways[way]}/v1/messages`, options, (response) => {
      let first;
      let bytes = 0;
      const delays = [];
      response.on('data', (chunk) => {
        const at = performance.timeOrigin + performance.now();
        first ??= performance.now() - started;
        bytes += chunk.length;
        for (const [, sent] of chunk.toString('latin1').matchAll(/"at":([0-9.]+)/g)) {
          delays.push(at - Number(sent));
        }
      });
      response.on('end', () => resolve({ first, delays, bytes }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)];
const memory = ({ pid }) =>
  Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const cpuTicks = () => {
  const fields = readFileSync(`/proc/${gateway.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

for (const way of WAYS) {
  for (let index = 0; index < 50; index += 1) await exchange(way, 'events=20&every=0&bytes=40');
}

// Interleaved, so that other load on the machine affects both.
const first = { direct: [], pipe: [], gateway: [] };
for (let index = 0; index < 300; index += 1) {
  for (const way of WAYS) {
    first[way].push((await exchange(way, 'events=1&every=0&bytes=40')).first);
  }
}
const event = { direct: [], pipe: [], gateway: [] };
for (let index = 0; index < 4; index += 1) {
  for (const way of WAYS) {
    event[way].push(...(await exchange(way, 'events=200&every=4&bytes=40')).delays);
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
    Array.from({ length: 16 }, () => exchange(way, 'events=2000&every=0&bytes=200')),
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

for (const agent of Object.values(agents)) agent.destroy();
gateway.stdin.end();
pipe.disconnect();
empty.kill();
upstream.disconnect();
await new Promise((resolve) => gateway.once('exit', resolve));
rmSync(root, { recursive: true, force: true });
