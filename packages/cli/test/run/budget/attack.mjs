// What a hostile agent runs: everything that its network allows. `node attack.mjs WAY`, beside files that
// name its targets; prints what it was answered, as JSON.
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

/** Asks, and is gone before there is an answer. */
function askAndLeave() {
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

const ways = {
  async past() {
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
      'its own in UTF-16': await raw(Buffer.from(body(), 'utf16le')),
      'its own, compressed': await raw(gzipSync(body()), { 'content-encoding': 'gzip' }),
      'its own without an end': await raw(body({ max_tokens: undefined })),
      'code that the API runs': await ask(own.url, own.token, {
        tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
      }),
      'other models instead': await ask(own.url, own.token, {
        fallbacks: [{ model: 'claude-opus-4-1' }],
      }),
      'the API without a key': await ask(api),
      'the API with the token': await ask(api, own.token),
      'another gateway': await ask(other, own.token),
      'another gateway without a token': await ask(other),
      'its own with another token': await ask(own.url, otherToken),
      'another path': free.status,
    };
  },
  async leave() {
    await Promise.all(Array.from({ length: 12 }, askAndLeave));
    return { left: 12 };
  },
  /** Hundreds at once, until it is refused for good. */
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
console.log(JSON.stringify(await ways[process.argv[2]]()));
