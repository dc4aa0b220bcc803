import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { moneyText, parseMoney } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NO_TOKENS, PRICES, priceReply, type ReplyUsage } from '../src/index.ts';
import { temporaryDirectory } from './temporary.ts';

const CLAUDE = fileURLToPath(
  new URL(
    `../../../node_modules/@anthropic-ai/claude-code-linux-${process.arch}/claude`,
    import.meta.url,
  ),
);

/** The API offers this model, but the CLI replaces it with its current Opus. */
const NOT_IN_CLI = ['claude-opus-4-1', 'claude-opus-4'];

/** One usage of each token class, both sides of the long-context threshold, and everything that changes a price. */
const USAGES: readonly ReplyUsage[] = [
  { tokens: { ...NO_TOKENS, input: 1234 }, webSearches: 0 },
  { tokens: { ...NO_TOKENS, output: 777 }, webSearches: 0 },
  { tokens: { ...NO_TOKENS, cacheRead: 4321 }, webSearches: 0 },
  { tokens: { ...NO_TOKENS, cacheWrite5m: 999 }, webSearches: 0 },
  { tokens: { ...NO_TOKENS, cacheWrite1h: 999 }, webSearches: 0 },
  { tokens: { ...NO_TOKENS, input: 5, output: 7 }, webSearches: 3 },
  { tokens: { ...NO_TOKENS, output: 500 }, webSearches: 0, speed: 'fast' },
  { tokens: { ...NO_TOKENS, output: 500 }, webSearches: 0, geo: 'us' },
  { tokens: { ...NO_TOKENS, input: 100_000, output: 10 }, webSearches: 0 },
  {
    tokens: { input: 1, output: 10, cacheRead: 40_000, cacheWrite5m: 30_000, cacheWrite1h: 30_000 },
    webSearches: 0,
  },
  { tokens: { ...NO_TOKENS, input: 140_000, output: 10 }, webSearches: 0 },
];

let server: Server;
let usage: ReplyUsage;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
    const { tokens } = usage;
    const reported = {
      input_tokens: tokens.input,
      output_tokens: tokens.output,
      cache_read_input_tokens: tokens.cacheRead,
      cache_creation_input_tokens: tokens.cacheWrite5m + tokens.cacheWrite1h,
      cache_creation: {
        ephemeral_5m_input_tokens: tokens.cacheWrite5m,
        ephemeral_1h_input_tokens: tokens.cacheWrite1h,
      },
      server_tool_use: { web_search_requests: usage.webSearches, web_fetch_requests: 0 },
      ...(usage.speed === undefined ? {} : { speed: usage.speed }),
      ...(usage.geo === undefined ? {} : { inference_geo: usage.geo }),
    };
    const send = (type: string, data: object) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [] };
    response.setHeader('content-type', 'text/event-stream');
    send('message_start', { message: { ...message, stop_reason: null, usage: reported } });
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'ok' } });
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: { stop_reason: 'end_turn' }, usage: reported });
    send('message_stop', {});
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Runs the CLI in one conversation, and yields its accumulated cost after each turn. */
function converse(model: string, home: string): ChildProcess {
  const args = [
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
  ];
  return spawn(CLAUDE, [...args, '--model', model], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ANTHROPIC_API_KEY: 'sk-ant-none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_COMPACT: '1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

const models = Object.keys(PRICES.models).filter((model) => !NOT_IN_CLI.includes(model));

test.each([...models, 'claude-opus-5-5-20261101'])(
  '%s costs what the pinned CLI computes',
  async (model) => {
    const child = converse(model, await temporaryDirectory());
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('no pipes');
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    let before = 0;
    for (usage of USAGES) {
      const message = { role: 'user', content: 'go' };
      stdin.write(`${JSON.stringify({ type: 'user', message })}\n`);
      const after = await costAfterTurn(lines);
      const ours = priceReply(PRICES, [model], usage);
      expect(ours.basis).toBe('list');
      // The CLI adds up floating-point numbers, so differences between its sums are rounded.
      const theirs = (after - before).toFixed(9);
      expect([usage, moneyText(ours.usd)]).toEqual([usage, moneyText(parseMoney(theirs))]);
      before = after;
    }
    stdin.end();
    await once(child, 'exit');
  },
);

async function costAfterTurn(lines: AsyncIterator<string>): Promise<number> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error('the CLI ended');
    const line = JSON.parse(value) as { type: string; is_error: boolean; total_cost_usd: number };
    if (line.type !== 'result') continue;
    expect(line.is_error).toBe(false);
    return line.total_cost_usd;
  }
}
