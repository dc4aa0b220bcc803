// A program of a hostile agent: `node attack.mjs NAME`. Files beside it contain the URLs and tokens of its
// targets. It prints the results as JSON.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';

const own = { url: process.env.ANTHROPIC_BASE_URL, token: process.env.ANTHROPIC_API_KEY };
const found = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trim();
const body = (more) =>
  JSON.stringify({
    model: 'claude-opus-4-1',
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'Spend.' }],
    ...more,
  });

async function ask(url, token, more = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { 'x-api-key': token }) };
  const target = `${url}/v1/messages?beta=true`;
  try {
    const response = await fetch(target, { method: 'POST', headers, body: body(more) });
    await response.text();
    return response.status;
  } catch {
    return 0;
  }
}

/** Sends a request and disconnects before there is a response. */
function askAndDisconnect() {
  return new Promise((resolve) => {
    const call = request(`${own.url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': own.token },
    });
    call.on('error', () => {});
    call.on('close', resolve);
    call.end(body(), () => call.destroy());
  });
}

const attacks = {
  async bypass() {
    const [api, other, otherToken] = ['api', 'other', 'other-token'].map(found);
    const free = await fetch(`${own.url}/v1/messages/batches`, {
      method: 'POST',
      headers: { 'x-api-key': own.token },
      body: body(),
    });
    const raw = async (text, headers) => {
      const response = await fetch(`${own.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': own.token, ...headers },
        body: text,
      });
      return response.status;
    };
    return {
      'own gateway, UTF-16': await raw(Buffer.from(body(), 'utf16le')),
      'own gateway, compressed': await raw(gzipSync(body()), { 'content-encoding': 'gzip' }),
      'own gateway, without max_tokens': await raw(body({ max_tokens: undefined })),
      'code execution by the API': await ask(own.url, own.token, {
        tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
      }),
      'fallback models': await ask(own.url, own.token, {
        fallbacks: [{ model: 'claude-opus-4-1' }],
      }),
      'the API without a key': await ask(api),
      'the API with the token': await ask(api, own.token),
      'another gateway': await ask(other, own.token),
      'another gateway without a token': await ask(other),
      "own gateway with another agent's token": await ask(own.url, otherToken),
      'another path': free.status,
    };
  },
  async disconnect() {
    await Promise.all(Array.from({ length: 12 }, askAndDisconnect));
    return { disconnected: 12 };
  },
  /** Sends hundreds of requests at a time until the gateway refuses them. */
  async flood() {
    const tally = {};
    do {
      const stream = (index) => ({ stream: index % 2 === 0 });
      const round = Array.from({ length: 400 }, (_, index) =>
        ask(own.url, own.token, stream(index)),
      );
      for (const status of await Promise.all(round)) tally[status] = (tally[status] ?? 0) + 1;
    } while (!tally[402] && !tally[0]);
    return tally;
  },
};
console.log(JSON.stringify(await attacks[process.argv[2]]()));
