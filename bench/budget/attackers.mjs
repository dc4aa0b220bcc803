// Agents that try to spend money that is not counted, and an API that bills them by Anthropic's rules.
import { EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const ATTACK_LIMIT = 0.5;

/** Dollars per million tokens, for Opus 5.5 and its advisor. */
const IN = 4;
const OUT = 20;
const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

/** The usage that the API reports for a request, and the amount that it bills. */
const SCRIPTS = {
  plain: ({ max_tokens: output }) => ({ usage: { input_tokens: 100, output_tokens: output } }),
  compaction: () => ({
    usage: {
      input_tokens: 23_000,
      output_tokens: 1000,
      iterations: [
        { type: 'compaction', input_tokens: 180_000, output_tokens: 3500 },
        { type: 'message', input_tokens: 23_000, output_tokens: 1000 },
      ],
    },
    billed: [203_000, 4500],
  }),
  advisor: () => ({
    usage: {
      input_tokens: 400,
      output_tokens: 590,
      iterations: [
        { type: 'message', input_tokens: 400, output_tokens: 90 },
        {
          type: 'advisor_message',
          model: 'claude-opus-5-5',
          input_tokens: 90_000,
          output_tokens: 8000,
        },
        { type: 'message', input_tokens: 1000, output_tokens: 500 },
      ],
    },
    billed: [91_400, 8590],
  }),
  searches: () => ({
    usage: {
      input_tokens: 60_000,
      output_tokens: 500,
      server_tool_use: { web_search_requests: 8 },
    },
    more: 0.08,
  }),
  unknown: () => ({
    usage: { input_tokens: 100, output_tokens: 10, dream_tokens: 5000 },
    more: 0.1,
  }),
  silent: ({ max_tokens: output }) => ({
    usage: { input_tokens: 100, output_tokens: output },
    thinkMs: 400,
  }),
  broken: ({ max_tokens: output }) => ({
    usage: { input_tokens: 100, output_tokens: output },
    thinkMs: 50,
    breaks: true,
  }),
};

export async function startBillingApi() {
  let bill = 0;
  const asking = new EventEmitter();
  const server = createServer(async (asked, response) => {
    // The preflight of a gateway is free.
    if (asked.method === 'GET') return response.writeHead(404, { connection: 'close' }).end();
    const body = JSON.parse(Buffer.concat(await asked.toArray()).toString());
    const answer = SCRIPTS[asked.headers['user-agent'] ?? 'plain'](body);
    const { usage, thinkMs = 0, more = 0, breaks = false } = answer;
    const [input, output] = answer.billed ?? [usage.input_tokens, usage.output_tokens];
    asking.emit('asked');
    // The API bills the reply even if the client has disconnected.
    bill += (input * IN + output * OUT) / 1e6 + more;
    const message = { type: 'message', role: 'assistant', model: body.model, content: [] };
    if (!body.stream) {
      await sleep(thinkMs);
      if (breaks) return response.destroy();
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ ...message, usage }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const { input_tokens } = usage;
    const first = { ...message, usage: { input_tokens, output_tokens: 1 } };
    response.write(event('message_start', { message: first }));
    for (let passed = 0; passed < thinkMs; passed += 50) {
      response.write(event('ping', {}));
      await sleep(50);
    }
    if (breaks) return response.destroy();
    response.write(event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }));
    response.end(event('message_stop', {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    bill: () => bill,
    asking,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const MOST_REQUESTS = 12;

/**
 * Sends requests until one is refused or enough were sent.
 * @param bank the API; the client disconnects when it has received a request. Absent: the client waits for replies.
 */
async function ask({ url, token }, script, more = {}, bank = undefined) {
  const given = { model: 'claude-opus-5-5', max_tokens: 2000, messages: [], ...more };
  for (let index = 0; index < MOST_REQUESTS; index += 1) {
    const status = await askOnce(url, token, script, JSON.stringify(given), bank);
    if (status === 402) return;
  }
}

function askOnce(url, token, script, text, bank) {
  return new Promise((resolve) => {
    const headers = { 'x-api-key': token, 'user-agent': script, 'anthropic-beta': BETAS };
    const call = request(`${url}/v1/messages`, { method: 'POST', agent: false, headers });
    call.on('error', () => resolve(0));
    call.on('response', (response) => {
      response.on('error', () => {});
      response.on('close', () => resolve(response.statusCode));
      response.resume();
    });
    call.end(text);
    bank?.asking.once('asked', () => call.destroy());
  });
}

const BETAS = 'advisor-tool-2026-03-01,compact-2026-01-12,free-lunch-2099-01-01';
const compaction = { context_management: { edits: [{ type: 'compact_20260112' }] } };
const advisor = {
  tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5' }],
};
const search = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] };

export const ATTACKERS = {
  'has its conversation compacted': (gateway) => ask(gateway, 'compaction', compaction),
  'consults an expensive advisor': (gateway) => ask(gateway, 'advisor', advisor),
  'uses web searches': (gateway) => ask(gateway, 'searches', search),
  'uses tokens without a price': (gateway) => ask(gateway, 'unknown'),
  'disconnects while only pings stream': (gateway, bank) =>
    ask(gateway, 'silent', { stream: true }, bank),
  'disconnects before a reply without stream': (gateway, bank) => ask(gateway, 'silent', {}, bank),
  'gets streams that break off': (gateway) => ask(gateway, 'broken', { stream: true }),
  'gets no replies': (gateway) => ask(gateway, 'broken'),
  'sends bodies that only the API can parse': async ({ url, token }) => {
    const body = JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 2000, messages: [] });
    for (const text of [Buffer.from(body, 'utf16le'), `${body}x`, body.replace('2000', '1e400')]) {
      await askOnce(url, token, 'plain', text);
    }
  },
  'repeats keys in its JSON': async (gateway) => {
    const text =
      '{"max_tokens":1,"model":"claude-haiku-5-5","model":"claude-opus-5-5","max_tokens":2000}';
    for (let index = 0; index < MOST_REQUESTS; index += 1) {
      await askOnce(gateway.url, gateway.token, 'plain', text);
    }
  },
  'kills its gateway during replies': async (gateway, bank) => {
    const replies = Array.from({ length: 8 }, () => ask(gateway, 'silent', { stream: true }));
    await once(bank.asking, 'asked');
    gateway.child.kill('SIGKILL');
    await Promise.all([once(gateway.child, 'exit'), ...replies]);
  },
};
