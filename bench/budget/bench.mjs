// Measures how far a team exceeds its budget and how fast it stops, in every `onLimit` mode: 1, 4 and 16
// agents, each with a gateway process and two concurrent requests, with replies of several sizes. Then
// attackers run against an API that keeps its own bill: the ledger must contain the whole bill, and with
// `reserve` the bill must not exceed the limit. Run with `npm run bench:budget [-- attackers]`. AGENTS="1 4" sets
// the numbers of agents.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { moneyText } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { ATTACK_LIMIT, ATTACKERS, startBillingApi } from './attackers.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'agentteam-bench-'));
const program = join(ROOT, 'dist/runner.mjs');

/** At $20 per million output tokens, a thousand cost $0.02. They stream for a fifth of a second. */
const LIMIT = 2;
const AGENTS = (process.env.AGENTS ?? '1 4 16').split(' ').map(Number);
const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
let outputTokens = 0;
const api = createServer(async (request, response) => {
  // The preflight of a gateway is free.
  if (request.method === 'GET') return response.writeHead(404, { connection: 'close' }).end();
  const chunks = await request.toArray();
  const { model } = JSON.parse(Buffer.concat(chunks).toString());
  const usage = { input_tokens: 100, output_tokens: outputTokens };
  const message = {
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    usage: { ...usage, output_tokens: 1 },
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event('message_start', { message }));
  const text = 'word '.repeat(outputTokens / 20);
  for (let index = 0; index < 20 && !response.destroyed; index += 1) {
    response.write(event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }));
    await sleep(10);
  }
  response.write(event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }));
  response.end(event('message_stop', {}));
}).listen(0, '127.0.0.1');
await once(api, 'listening');

async function launch(root, agent, onLimit, { upstream = api, limit = LIMIT } = {}) {
  const own = join(root, agent);
  mkdirSync(join(own, 'var/lib/agentteam'), { recursive: true });
  for (const path of ['ledger', 'control', 'state']) {
    mkdirSync(join(root, path), { recursive: true });
    symlinkSync(join(root, path), join(own, 'var/lib/agentteam', path));
  }
  const spec = {
    team: 'bench',
    agent,
    model: 'opus',
    teamBudgetLimit: limit.toFixed(2),
    onLimit,
    onProviderLimit: 'wait',
    mcpServers: [],
  };
  const child = spawn(process.execPath, [program, 'gateway'], {
    env: {
      PATH: process.env.PATH,
      AGENTTEAM_SPEC: JSON.stringify({ ...spec, namespace: 'default', record: false }),
      AGENTTEAM_ROOT: own,
      AGENTTEAM_UPSTREAM: `http://127.0.0.1:${upstream.address().port}`,
      AGENTTEAM_GATEWAY_PORT: '0',
      AGENTTEAM_STATUS_PORT: '0',
      AGENTTEAM_ENGINE: 'local',
    },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  for (;;) {
    try {
      const address = JSON.parse(readFileSync(join(own, 'run/agentteam/gateway.json'), 'utf8'));
      return { child, ...address };
    } catch {
      await sleep(20);
    }
  }
}

/** Sends requests until one is refused. @returns the time at which the last reply ended. */
async function spend({ url, token }) {
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': token },
        body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: outputTokens, stream: true }),
      });
      if (response.status === 402) return Date.now();
      await response.text();
    } catch {
      // The reply was cut off, so the next request will be refused.
    }
  }
}

console.log(
  `limit $${LIMIT.toFixed(2)}; overspending in % of the limit, and ms from the stop to the end of the last agent`,
);
const attackersOnly = process.argv.includes('attackers');
for (const onLimit of attackersOnly ? [] : ['finish', 'cut', 'reserve']) {
  for (const agents of AGENTS) {
    for (outputTokens of [500, 2000, 8000]) {
      const root = mkdtempSync(join(base, 'run-'));
      const names = Array.from({ length: agents }, (_, index) => `agent-${index}`);
      const gateways = await Promise.all(names.map((name) => launch(root, name, onLimit)));
      const ends = await Promise.all(
        gateways.flatMap((gateway) => [spend(gateway), spend(gateway)]),
      );
      for (const { child } of gateways) child.stdin.end();
      await Promise.all(gateways.map(({ child }) => child.exitCode ?? once(child, 'exit')));
      const stop = JSON.parse(readFileSync(join(root, 'control/stop.json'), 'utf8'));
      const reader = new LedgerReader(join(root, 'ledger'));
      const spent = Number(moneyText((await reader.refresh()).team().usd));
      const over = (((spent - LIMIT) / LIMIT) * 100).toFixed(1);
      const ms = Math.max(...ends) - Date.parse(stop.at);
      console.log(
        `${onLimit.padEnd(8)} ${String(agents).padStart(2)} agents  ${String(outputTokens).padStart(5)} tokens a reply  ${over.padStart(6)} %  ${String(ms).padStart(6)} ms`,
      );
    }
  }
}

console.log(
  `\nattackers, limit $${ATTACK_LIMIT.toFixed(2)}: amount billed by the API, and amount in the ledger`,
);
let uncounted = 0;
for (const onLimit of ['finish', 'cut', 'reserve']) {
  for (const [name, attack] of Object.entries(ATTACKERS)) {
    const root = mkdtempSync(join(base, 'attack-'));
    const bank = await startBillingApi();
    const options = { upstream: bank.server, limit: ATTACK_LIMIT };
    const gateway = await launch(root, 'attacker', onLimit, options);
    await attack(gateway, bank);
    if (gateway.child.exitCode === null && gateway.child.signalCode === null) {
      gateway.child.stdin.end();
      await once(gateway.child, 'exit');
    }
    const reader = new LedgerReader(join(root, 'ledger'));
    await reader.refresh();
    const spent = Number(moneyText(reader.settleOpen().team().usd));
    const billed = bank.bill();
    const bad = spent + 1e-9 < billed || (onLimit === 'reserve' && billed > ATTACK_LIMIT);
    if (bad) uncounted += 1;
    console.log(
      `${onLimit.padEnd(8)} ${name.padEnd(46)} $${billed.toFixed(4).padStart(8)}  $${spent.toFixed(4).padStart(8)}${bad ? '  NOT COUNTED' : ''}`,
    );
    bank.close();
  }
}
process.exitCode = uncounted > 0 ? 1 : 0;
api.closeAllConnections();
api.close();
rmSync(base, { recursive: true, force: true });
