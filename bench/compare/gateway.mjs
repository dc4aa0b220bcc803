// Compares the gateway of this worktree with that of another one, usually an earlier commit, against one
// imitation of the API: see `compile.mjs` for how to make the other worktree.
//   node bench/compare/gateway.mjs ../before
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compared, cpuTime } from './measure.mjs';

const ROUNDS = 80;
const EXCHANGES = 10;
const here = fileURLToPath(new URL('../..', import.meta.url));
const upstream = fork(new URL('../gateway/upstream.mjs', import.meta.url));
const [port] = await once(upstream, 'message');

async function start(root) {
  const directory = mkdtempSync(join(tmpdir(), 'compare-gateway-'));
  for (const path of ['ledger', 'control', 'state']) {
    mkdirSync(join(directory, 'var/lib/agentteam', path), { recursive: true });
  }
  const { build } = createRequire(`${root}/package.json`)('esbuild');
  const program = join(directory, 'gateway.mjs');
  await build({
    entryPoints: [join(root, 'packages/runner/test/gateway/run-gateway.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['source'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const child = spawn(`${root}/node_modules/.bin/node`, [program], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: '--max-semi-space-size=1',
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
      AGENTTEAM_ROOT: directory,
      AGENTTEAM_UPSTREAM: `http://127.0.0.1:${port}`,
      AGENTTEAM_GATEWAY_PORT: '0',
      AGENTTEAM_STATUS_PORT: '0',
      AGENTTEAM_ENGINE: 'local',
    },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  for (;;) {
    try {
      const served = readFileSync(join(directory, 'run/agentteam/gateway.json'), 'utf8');
      const agent = new Agent({ keepAlive: true });
      return { directory, child, agent, ...JSON.parse(served), first: [], cpu: [] };
    } catch {
      await sleep(20);
    }
  }
}

/** A request of the CLI's size: tools and system prompt are about 90 KB. */
const body = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  system: 'x'.repeat(90_000),
});

/** @returns milliseconds to the first byte. */
async function exchange({ url, token, agent }) {
  const headers = {
    'x-api-key': token,
    'content-length': Buffer.byteLength(body),
    'x-bench': 'events=1&every=0&bytes=40',
  };
  const started = performance.now();
  const call = request(`${url}/v1/messages`, { method: 'POST', agent, headers });
  call.end(body);
  const [response] = await once(call, 'response');
  await once(response, 'readable');
  const first = performance.now() - started;
  response.resume();
  await once(response, 'end');
  return first;
}

const before = await start(resolve(process.argv[2] ?? ''));
const now = await start(here);
for (const gateway of [before, now]) {
  for (let index = 0; index < 60; index += 1) await exchange(gateway);
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const gateway of round % 2 ? [before, now] : [now, before]) {
    const start = cpuTime(gateway.child.pid);
    for (let index = 0; index < EXCHANGES; index += 1) gateway.first.push(await exchange(gateway));
    gateway.cpu.push((cpuTime(gateway.child.pid) - start) / EXCHANGES);
  }
}
compared('time to first byte', before.first, now.first);
compared('CPU time of an exchange', before.cpu, now.cpu);
for (const { agent, child, directory } of [before, now]) {
  agent.destroy();
  child.stdin.end();
  await once(child, 'exit');
  rmSync(directory, { recursive: true, force: true });
}
upstream.disconnect();
