import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { PATHS } from '@agentteam/contract';
import { type LedgerEntry, LedgerReader } from '@agentteam/ledger';
import { readProviderWait, waitInDirectory } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { launch } from './gateway-process.ts';
import { closing, opening, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { atEnd, environment, post, startInProcess } from './team.ts';

const BODY = '{"model":"claude-opus-5-5","max_tokens":10,"messages":[]}';

async function entries(): Promise<readonly LedgerEntry[]> {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader.entries();
}

/** Sends these bytes over a new connection. @returns the statuses of the answers. */
async function raw(head: readonly string[], body: string): Promise<readonly number[]> {
  const { address } = await start();
  const { hostname, port } = new URL(address.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    // Some servers wait for the rest of a request that they have refused.
    if (/^HTTP\/1\.1 [2-5]/m.test(Buffer.concat(chunks).toString('latin1'))) socket.end();
  });
  // A server may reset the connection of a request that it has refused.
  socket.on('error', () => {});
  const key = [`x-api-key: ${address.token}`, 'host: gateway', 'connection: close'];
  const [line = '', ...headers] = head;
  socket.write(`${[line, ...key, ...headers].join('\r\n')}\r\n\r\n${body}`);
  await new Promise((resolve) => socket.once('close', resolve));
  const text = Buffer.concat(chunks).toString('latin1');
  return [...text.matchAll(/^HTTP\/1\.1 ([0-9]{3}) /gm)].map(([, status]) => Number(status));
}

const POST = 'POST /v1/messages HTTP/1.1';
const LENGTH = `content-length: ${BODY.length}`;
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n`;

describe('a request reaches the API once and unambiguously, or not at all', () => {
  test.each<[string, readonly string[], string, readonly number[]]>([
    ['plain', [POST, LENGTH], BODY, [200]],
    [
      'chunked, with a trailer',
      [POST, 'transfer-encoding: chunked'],
      `${CHUNKED}anthropic-beta: x\r\n\r\n`,
      [200],
    ],
    ['with Expect: 100-continue', [POST, LENGTH, 'expect: 100-continue'], BODY, [100, 200]],
    ['with an unknown expectation', [POST, LENGTH, 'expect: money'], BODY, [417]],
    ['with a protocol upgrade', [POST, LENGTH, 'upgrade: h2c'], BODY, [200]],
  ])('%s', async (_, head, body, statuses) => {
    expect(await raw(head, body)).toEqual(statuses);
    const sent = statuses.includes(200);
    expect(api.seen.map(({ body: seen }) => seen)).toEqual(sent ? [BODY] : []);
    const headers = api.seen[0]?.headers ?? {};
    for (const name of ['transfer-encoding', 'trailer', 'expect', 'upgrade', 'anthropic-beta']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(await entries()).toHaveLength(sent ? 1 : 0);
  });

  test('a content-length is never sent without its body', async () => {
    // The API would read the start of the next request as the body, and the rest as another request.
    const hidden = 'POST /v1/messages/batches HTTP/1.1';
    const head = ['GET /v1/models HTTP/1.1', `content-length: ${hidden.length}`];
    expect(await raw(head, hidden)).toEqual([200]);
    expect(api.seen).toMatchObject([{ method: 'GET', body: '' }]);
    expect(api.seen[0]?.headers).not.toHaveProperty('content-length');
  });

  test('a request to an MCP server keeps its length', async () => {
    const mcpServers = [{ name: 'docs', url: `${api.url}/docs`, credential: false }];
    const gateway = await start({ mcpServers });
    await post(gateway, { a: 1 }, { path: '/mcp/docs' });
    const { body = '', headers = {} } = api.seen[0] ?? {};
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  test.each<[string, readonly string[], string]>([
    ['two content-lengths', [POST, LENGTH, 'content-length: 0'], BODY],
    ['a content-length and chunks', [POST, LENGTH, 'transfer-encoding: chunked'], CHUNKED],
    ['chunks within an encoding', [POST, 'transfer-encoding: gzip, chunked'], `${CHUNKED}\r\n`],
    ['a chunk with a bad length', [POST, 'transfer-encoding: chunked'], `0x${CHUNKED}`],
    ['a folded header', [POST, LENGTH, 'x-a: 1\r\n content-length: 0'], BODY],
    ['HTTP/2 without negotiation', ['PRI * HTTP/2.0'], 'SM\r\n\r\n'],
    ['a whole URL', [`POST http://api.anthropic.com/v1/messages HTTP/1.1`, LENGTH], BODY],
    ['a tunnel', ['CONNECT api.anthropic.com:443 HTTP/1.1'], ''],
    ['a dot segment', ['POST /v1/x/../messages HTTP/1.1', LENGTH], BODY],
    ['escapes', ['POST /v1/%6dessages HTTP/1.1', LENGTH], BODY],
    ['another query', ['POST /v1/messages?beta=true&bill=other HTTP/1.1', LENGTH], BODY],
    ['a fragment', ['POST /v1/messages#x HTTP/1.1', LENGTH], BODY],
    ['batches', ['POST /v1/messages/batches HTTP/1.1', LENGTH], BODY],
    ['files', ['POST /v1/files HTTP/1.1', LENGTH], BODY],
    ['a dot segment after models', ['GET /v1/models/.. HTTP/1.1'], ''],
    ['a dot segment with a query', ['GET /v1/models/..?a=b HTTP/1.1'], ''],
  ])('%s: refused', async (_, head, body) => {
    const statuses = await raw(head, body);
    expect(statuses.every((status) => status >= 400)).toBe(true);
    expect(api.seen).toEqual([]);
    expect(await entries()).toEqual([]);
  });
});

describe('a reply whose cost cannot be read is charged the most it can cost', () => {
  const usage = { input_tokens: 100, output_tokens: 5 };
  const stream = opening('claude-opus-5-5', usage, 'x') + closing(usage);

  test.each<[string, string, Buffer]>([
    ['an unknown encoding', 'rot13', Buffer.from(stream)],
    ['a nested encoding', 'gzip, gzip', gzipSync(gzipSync(stream))],
    ['a false encoding', 'gzip', Buffer.from(stream)],
    ['truncated compressed data', 'gzip', gzipSync(stream).subarray(0, 60)],
  ])('%s', async (_, coding, body) => {
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': coding });
      response.end(body);
    };
    const gateway = await start();
    await post(gateway, { stream: true, max_tokens: 777 })
      .then((response) => response.text())
      .catch(() => {});
    await gateway.close();
    expect(await entries()).toMatchObject([{ cut: true, tokens: { output: 777 } }]);
  });

  test('a huge document that compresses to almost nothing takes no memory', async () => {
    const spaces = ' '.repeat(64 * 1024 * 1024);
    const body = gzipSync(`{"usage":{"output_tokens":5},"x":"${spaces}"}`);
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(body);
    };
    const gateway = await launch(team, environment(team, api.url));
    const most = async (what: string) => {
      const status = await readFile(`/proc/${gateway.child.pid}/status`, 'utf8');
      return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    };
    const before = await most('VmRSS');
    await (await post(gateway, { max_tokens: 777 })).text();
    expect((await most('VmHWM')) - before).toBeLessThan(100);
    await gateway.stop();
    expect(await entries()).toMatchObject([{ cut: true, tokens: { output: 777 } }]);
  });

  test('no response headers, although the request was sent', async () => {
    const good = reply({});
    api.answer = (request, response) => {
      if (api.seen.length > 1) return good(request, response);
      response.destroy();
    };
    await (await post(await start(), { max_tokens: 777 })).text();
    expect(await entries()).toMatchObject([
      { status: 0, cut: true, tokens: { output: 777 } },
      { status: 200 },
    ]);
  });

  test('no response headers several times: the agent gets an error before it costs more', async () => {
    api.answer = (_, response) => void response.destroy();
    const response = await post(await start(), {});
    expect(response.status).toBe(502);
    expect(await entries()).toHaveLength(3);
  });

  test('a redirect costs nothing', async () => {
    api.answer = (_, response) => void response.writeHead(307, { location: '/' }).end();
    await (await post(await start(), {}, { redirect: 'manual' })).text();
    expect(await entries()).toMatchObject([{ status: 307, usd: '0.00' }]);
  });

  test('an unreachable API costs nothing', async () => {
    const gateway = await startInProcess(environment(team, 'http://127.0.0.1:1'));
    atEnd(() => gateway.close());
    const control = team.root + PATHS.control;
    const gone = new AbortController();
    const asked = post(gateway, {}, { signal: gone.signal });
    const entry = await waitInDirectory(
      team.root + PATHS.ledger,
      async () => (await entries())[0],
      {
        signal: AbortSignal.timeout(60_000),
      },
    );
    gone.abort();
    await expect(asked).rejects.toThrow();
    expect(entry).toMatchObject({ status: 0, usd: '0.00' });
    expect(await readProviderWait(control, 'worker')).toMatchObject({
      reason: 'no-connection',
      detail: 'ECONNREFUSED',
    });
  });
});
