import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { moneyText, PATHS, readFigures } from '@agentteam/contract';
import { FiguresError } from '@agentteam/figures';
import { LedgerReader, LedgerWriter } from '@agentteam/ledger';
import { readInbox, readStopMarker } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { entry } from '../../../ledger/test/entry.ts';
import type { RunningGateway } from '../../src/gateway/gateway.ts';
import { closing, opening, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { askStatus, figuresOf, mountKey, post } from './team.ts';

async function ledger() {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader;
}

async function credential(name: string, value: string) {
  const path = `${team.root}${PATHS.credentials}/${name}`;
  await mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  await writeFile(path, value);
}

describe('counting', () => {
  test.each([true, false])('a reply is counted as reported (stream: %s)', async (stream) => {
    const usage = {
      input_tokens: 11,
      output_tokens: 22,
      cache_read_input_tokens: 44,
      cache_creation_input_tokens: 33,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 3 },
    };
    api.answer = reply({ usage });
    const gateway = await start();
    const response = await post(gateway, { stream });
    expect(response.status).toBe(200);
    expect(response.headers.get('request-id')).toBe('req_1');
    await response.text();
    const [entry] = (await ledger()).entries();
    expect(entry).toMatchObject({
      state: 'done',
      team: 'demo',
      agent: 'worker',
      requestId: 'req_1',
      model: 'claude-opus-5-5',
      tokens: { input: 11, output: 22, cacheRead: 44, cacheWrite5m: 30, cacheWrite1h: 3 },
      // 11 × 4 + 22 × 20 + 44 × 0.2 + 30 × 5 + 3 × 8, in millionths
      usd: '0.0006668',
      basis: 'list',
      status: 200,
    });
    expect(entry?.cut).toBeUndefined();
  });

  test('a stream reaches the agent event by event, unchanged', async () => {
    const usage = { input_tokens: 10, output_tokens: 5 };
    const first = opening('claude-opus-5-5', usage, 'first');
    const last = closing(usage);
    const { promise: firstSeen, resolve: sawFirst } = Promise.withResolvers<void>();
    api.answer = async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(first);
      await firstSeen;
      response.end(last);
    };
    const response = await post(await start(), { stream: true });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= first.length) sawFirst();
    }
    expect(text).toBe(first + last);
  });

  test('a reply that breaks off is broken off for the agent too, and charged the most it can cost', async () => {
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening('claude-opus-5-5', { input_tokens: 1000 }, 'x'.repeat(300)), () =>
        response.destroy(),
      );
    };
    const gateway = await start();
    const response = await post(gateway, { stream: true });
    await expect(response.text()).rejects.toThrow();
    const [entry] = (await ledger()).entries();
    expect(entry).toMatchObject({ state: 'done', cut: true });
    // Everything that max_tokens allows.
    expect(entry?.tokens).toMatchObject({ input: 1000, output: 1000 });
  });

  test('a stream that ends before its message is charged the most it can cost', async () => {
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(opening('claude-opus-5-5', { input_tokens: 1000 }, 'x'.repeat(300)));
    };
    await (await post(await start(), { stream: true })).text();
    const [entry] = (await ledger()).entries();
    expect(entry).toMatchObject({ state: 'done', cut: true });
    // Everything that max_tokens allows.
    expect(entry?.tokens).toMatchObject({ input: 1000, output: 1000 });
  });

  test.each([429, 529])('a %i is held until the API answers, and costs nothing', async (status) => {
    const body = '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}';
    const good = reply({});
    api.answer = (request, response) => {
      if (api.seen.length > 1) return good(request, response);
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end(body);
    };
    const response = await post(await start(), { stream: true });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('message_stop');
    const entries = (await ledger()).entries();
    expect(entries).toMatchObject([
      { status, usd: '0.00', state: 'done' },
      { status: 200, usd: '0.006' },
    ]);
  });

  test('a line over the memory limit passes through, and later usage is counted', async () => {
    const usage = { input_tokens: 10, output_tokens: 77 };
    const giant = 'z'.repeat(3 * 1024 * 1024);
    api.answer = reply({ usage, text: giant });
    const response = await post(await start(), { stream: true });
    expect(await response.text()).toContain(giant);
    expect((await ledger()).totals.team().tokens).toMatchObject({ input: 10, output: 77 });
  });

  test('an unknown model is charged the highest rates and marked', async () => {
    api.answer = reply({ model: 'gpt-oss', usage: { input_tokens: 0, output_tokens: 1_000_000 } });
    await (await post(await start(), { model: 'gpt-oss' })).text();
    expect((await ledger()).entries()).toMatchObject([{ basis: 'unknown', usd: '75.00' }]);
  });
});

describe('access control', () => {
  test.each([
    ['POST', '/v1/messages/batches'],
    ['POST', '/v1/files'],
    ['GET', '/v1/messages'],
    ['POST', '/v1/messages/../files'],
    ['POST', '//v1/messages'],
    ['GET', '/v1/models/../organizations'],
    ['DELETE', '/v1/models/x'],
    ['POST', '/mcp/other'],
    ['POST', '/mcp/docs/../../v1/files'],
    ['POST', '/mcp/docs/..;/x'],
    ['POST', '/mcp/docs/%2e%2e/x'],
    // The team's own URL has this parameter.
    ['POST', '/mcp/docs?read_only=false'],
    ['POST', '/mcp/docs/sub?a=1;Read%5Fonly[]=false'],
    // PHP reads these as the same name.
    ['POST', '/mcp/docs?read.only=false'],
    ['POST', '/mcp/docs?+read+only=false'],
    ['POST', '/mcp/docs?read[only=false'],
    ['POST', '/mcp/docs?read_only%00x=false'],
    ['GET', '/'],
  ])('%s %s is refused and counted', async (method, path) => {
    const url = `${api.url}/base?read_only=true`;
    const mcpServers = [{ name: 'docs', url, credential: false }];
    const gateway = await start({ mcpServers });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'x-api-key': gateway.address.token };
      const url = new URL(gateway.address.url);
      request({ host: url.hostname, port: url.port, method, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    expect(api.seen).toEqual([]);
    const metrics = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
    expect(metrics).toMatch(/agentteam_refused_requests_total\{reason="path",[^}]*\} 1/);
  });

  test('without the token of this gateway, every request is refused', async () => {
    const gateway = await start();
    const other = await start({ agent: 'other' });
    const { token } = gateway.address;
    for (const key of ['', other.address.token, token.slice(1), `${token}x`]) {
      const response = await post(gateway, {}, { headers: { 'x-api-key': key } });
      expect(response.status).toBe(401);
    }
    expect(api.seen).toEqual([]);
  });

  test('the key is added, the agent’s own credentials are not forwarded, and the key takes precedence', async () => {
    await credential('api/ANTHROPIC_API_KEY', 'sk-real\n');
    await credential('api/CLAUDE_CODE_OAUTH_TOKEN', 'oauth-real');
    const gateway = await start();
    // A load balancer's cookie is tied to the key.
    api.answer = reply({ headers: { 'set-cookie': 'balancer=7' } });
    const response = await post(gateway, {}, { headers: { cookie: 'a=b' } });
    expect(response.headers.getSetCookie()).toEqual([]);
    const headers = api.seen[0]?.headers;
    expect(headers?.['x-api-key']).toBe('sk-real');
    expect(headers?.authorization).toBeUndefined();
    expect(headers?.cookie).toBeUndefined();
    expect(JSON.stringify(headers)).not.toContain(gateway.address.token);
    expect(headers?.['accept-encoding']).toBe('identity');
  });

  test.each([
    ['POST', '/v1/messages/count_tokens?beta=true'],
    ['GET', '/v1/models?limit=1000'],
    ['GET', '/v1/models/claude-opus-5-5'],
  ])('%s %s is sent with the key, and costs nothing', async (method, path) => {
    await credential('api/ANTHROPIC_API_KEY', 'sk-real');
    const body = method === 'GET' ? { body: null } : {};
    const response = await post(await start(), {}, { method, path, ...body });
    expect(response.status).toBe(200);
    expect(api.seen).toMatchObject([{ method, url: path, headers: { 'x-api-key': 'sk-real' } }]);
    expect((await ledger()).entries()).toEqual([]);
  });

  test('an OAuth token is sent as Bearer, with its beta and the allowed betas of the request', async () => {
    await credential('api/CLAUDE_CODE_OAUTH_TOKEN', 'oauth-real');
    const { address } = await start();
    const headers = { 'x-api-key': '', authorization: `Bearer ${address.token}` };
    await post(
      { address },
      {},
      { headers: { ...headers, 'anthropic-beta': 'effort-2025-11-24,mcp-client-2025-11-20' } },
    );
    expect(api.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer oauth-real',
      'anthropic-beta': 'effort-2025-11-24,oauth-2025-04-20',
    });
    expect(api.seen[0]?.headers['x-api-key']).toBeUndefined();
  });

  test('headers that concern only the agent’s connection are not forwarded', async () => {
    const { url, token } = (await start()).address;
    const own = { 'x-claude-mine': '1', te: 'trailers', 'proxy-authorization': 'Basic eDp5' };
    const headers = {
      ...own,
      connection: 'close, X-Claude-Mine',
      'x-app': '1',
      'x-api-key': token,
    };
    await new Promise((resolve, reject) => {
      request(`${url}/v1/messages`, { method: 'POST', headers }, (response) => {
        response.resume().on('end', resolve);
      })
        .on('error', reject)
        .end('{"max_tokens":10}');
    });
    const names = Object.keys(api.seen[0]?.headers ?? {});
    expect(names).toContain('x-app');
    for (const name of Object.keys(own)) expect(names).not.toContain(name);
  });

  test('a redirect is followed by nobody, and named', async () => {
    await credential('api/ANTHROPIC_API_KEY', 'sk-real');
    const location = `${api.url}/elsewhere`;
    api.answer = (_, response) => void response.writeHead(307, { location }).end();
    const response = await post(await start(), {}, { redirect: 'manual' });
    expect(response.status).toBe(402);
    expect(await response.text()).toContain(`does not serve it (307, a redirect to ${location})`);
    expect(api.seen).toHaveLength(1);
  });

  test.each([
    ['a web page', 'text/html; charset=utf-8', 'Log in', '200, a web page'],
    ['a page without its type', 'application/json', '\n<h1>Log in</h1>', '200, a web page'],
    ['a text', 'text/plain', 'It works!', '200, and no message'],
    ['a document', 'application/json', '{"status":"up"}', '200, and no message'],
  ])('%s in place of the API is named', async (_, type, body, expected) => {
    await credential('api/ANTHROPIC_API_KEY', 'sk-real');
    api.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    };
    const response = await post(await start(), {});
    expect(response.status).toBe(402);
    expect(await response.text()).toContain(`does not serve it (${expected})`);
    expect(api.seen).toHaveLength(1);
  });

  test('a declared MCP server is reached under its own path, with its credential', async () => {
    await credential('mcp/docs/token', 'mcp-secret');
    api.answer = (_, response) => void response.end('{"jsonrpc":"2.0"}');
    const mcpServers = [{ name: 'docs', url: `${api.url}/base?k=1`, credential: true }];
    const gateway = await start({ mcpServers });
    const response = await post(gateway, {}, { path: '/mcp/docs/sub?x=2' });
    expect(await response.text()).toBe('{"jsonrpc":"2.0"}');
    expect(api.seen[0]?.url).toBe('/base/sub?k=1&x=2');
    expect(api.seen[0]?.headers.authorization).toBe('Bearer mcp-secret');
  });

  test('an MCP server gets the headers of the team and of its Secret instead of the agent’s', async () => {
    await credential('mcp-headers/docs/X-Api-Key', 'key-secret\n');
    await credential('mcp-headers/docs/DD-APPLICATION-KEY', 'app-secret');
    api.answer = (_, response) => void response.end('{}');
    const docs = { name: 'docs', url: `${api.url}/docs`, credential: false };
    const headers = { 'X-Team': 'crew', 'X-Region': 'eu' };
    const gateway = await start({ mcpServers: [{ ...docs, headers, headersSecret: 'docs-keys' }] });
    const own = {
      'x-api-key': gateway.address.token,
      'x-team': 'theirs',
      'dd-application-key': 'theirs',
      // Some servers read these as the same names.
      x_team: 'theirs',
      DD_Application_Key: 'theirs',
    };
    await (await post(gateway, {}, { path: '/mcp/docs', headers: own })).text();
    expect(api.seen[0]?.headers).toMatchObject({
      'x-team': 'crew',
      'x-region': 'eu',
      'x-api-key': 'key-secret',
      'dd-application-key': 'app-secret',
    });
    expect(Object.keys(api.seen[0]?.headers ?? {}).filter((name) => name.includes('_'))).toEqual(
      [],
    );
  });

  test('the API and MCP servers get the headers that their clients send, and no other ones of the agent', async () => {
    const docs = { name: 'docs', url: `${api.url}/docs`, credential: false };
    const gateway = await start({ mcpServers: [docs] });
    const hostile = {
      // Gateways of companies send the request, with the credential, to the host that these name.
      'x-portkey-provider': 'anthropic',
      'x-portkey-custom-host': 'https://evil.example/v1',
      'helicone-target-url': 'https://evil.example',
      'x-forwarded-host': 'evil.example',
      'x-original-url': '/v1/files',
      // LiteLLM adds the beta to the provider's request.
      'x-pass-anthropic-beta': 'code-execution-2025-08-25',
    };
    const own = { 'anthropic-version': '2023-06-01', 'x-app': 'cli', 'mcp-session-id': 's-1' };
    const headers = { ...hostile, ...own };
    api.answer = (_, response) => void response.end('{}');
    for (const [path, method] of [
      ['/v1/messages?beta=true', 'POST'],
      ['/v1/messages/count_tokens?beta=true', 'POST'],
      ['/v1/models', 'GET'],
      ['/mcp/docs', 'POST'],
    ] as const) {
      const body = method === 'GET' ? { body: null } : {};
      await (await post(gateway, {}, { path, method, headers, ...body })).text();
    }
    const seen = api.seen.map(({ headers }) => headers);
    expect(seen).toHaveLength(4);
    for (const one of seen) {
      expect(Object.keys(one).filter((name) => name in hostile)).toEqual([]);
    }
    expect(seen[0]).toMatchObject({ 'anthropic-version': '2023-06-01', 'x-app': 'cli' });
    expect(seen[3]).toMatchObject({ 'mcp-session-id': 's-1' });
  });

  test.each([
    ['bad name', 'x', 'is not the name of an HTTP header'],
    ['Content-Length', '1', 'belongs to the connection'],
    ['ANTHROPIC_API_KEY', 'sk-two', "is one of a model provider's credential"],
    ['CLAUDE_CODE_OAUTH_REFRESH_TOKEN', 'two', "is one of a model provider's credential"],
    ['AWS_SECRET_ACCESS_KEY', 'two', "is one of a model provider's credential"],
    ['X-Key', 'two\nlines', 'that HTTP cannot send'],
  ])(
    'a Secret of headers with the key %s keeps the gateway from starting',
    async (key, value, why) => {
      await credential(`mcp-headers/docs/${key}`, value);
      const docs = { name: 'docs', url: api.url, credential: false, headersSecret: 'docs-keys' };
      const failure = await start({ mcpServers: [docs] }).catch((error: Error) => error.message);
      expect(failure).toContain(`the key "${key}" of the Secret docs-keys (headersSecret) `);
      expect(failure).toContain(why);
      expect(failure).not.toContain('two');
    },
  );
});

describe('the budget', () => {
  const limits = { teamBudgetLimit: '0.01' };
  const native = () => ({
    team: 'demo',
    teams: team.root + PATHS.teams,
    tasks: team.root + PATHS.tasks,
  });

  test('the reply that crosses the limit is delivered, then requests are refused, and the team is stopped', async () => {
    const gateway = await start(limits);
    // The limit, to the cent.
    const usage = { input_tokens: 0, output_tokens: 500 };
    api.answer = reply({ usage });
    const crossing = await post(gateway, { stream: true });
    expect(await crossing.text()).toContain('message_stop');
    const refused = await post(gateway, { stream: true });
    expect(refused.status).toBe(402);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    const { error } = (await refused.json()) as { error: { message: string } };
    expect(error.message).toContain('The budget of the team demo is spent: $0.01 of $0.01');
    expect(await readStopMarker(team.root + PATHS.control)).toMatchObject({
      reason: 'budget',
      agent: 'worker',
      limit: '0.01',
    });
    expect(api.seen).toHaveLength(1);
  });

  test('another agent’s spending counts before the next request', async () => {
    const gateway = await start(limits);
    // The other gateway has not written a stop marker yet.
    const other = new LedgerWriter(team.root + PATHS.ledger, 'other');
    other.append(entry({ id: 'a', agent: 'other', usd: '0.02' }));
    await other.close();
    expect((await post(gateway, {})).status).toBe(402);
    expect(api.seen).toEqual([]);
  });

  test('an agent’s own limit stops only that agent', async () => {
    const spec = { teamBudgetLimit: '10.00', agentBudgetLimit: '0.001' };
    const gateway = await start(spec);
    await (await post(gateway, {})).text();
    const refused = await post(gateway, {});
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('The budget of the agent worker is spent');
    expect(await readStopMarker(team.root + PATHS.control)).toBeUndefined();
    expect(await readStopMarker(team.root + PATHS.gateway)).toMatchObject({ agent: 'worker' });
  });

  test('the limits in a spec of version 0.1 still apply', async () => {
    const spec: object = { teamLimit: '10.00', agentLimit: '0.001' };
    const gateway = await start(spec);
    await (await post(gateway, {})).text();
    expect((await post(gateway, {})).status).toBe(402);
  });

  test.each([{ teamBudgetLimit: '5.00' }, {}])(
    'a stopped team continues with a higher limit or none (%j), but not with the same one',
    async (more) => {
      const first = await start(limits);
      api.answer = reply({ usage: { input_tokens: 5000 } });
      await (await post(first, {})).text();
      await first.close();
      const same = await start(limits);
      expect((await post(same, {})).status).toBe(402);
      await same.close();
      expect((await post(await start(more), {})).status).toBe(200);
      expect(await readStopMarker(team.root + PATHS.control)).toBeUndefined();
    },
  );

  test('a stop marker that could not be written is written later', async () => {
    const gateway = await start(limits);
    const control = team.root + PATHS.control;
    await rm(control, { recursive: true });
    api.answer = reply({ usage: { input_tokens: 5000 } });
    await (await post(gateway, {})).text();
    expect((await post(gateway, {})).status).toBe(402);
    await mkdir(control);
    expect((await post(gateway, {})).status).toBe(402);
    expect(await readStopMarker(control)).toMatchObject({ agent: 'worker' });
  });

  test('the lead is warned once, at 80 %', async () => {
    const gateways = [
      await start({ teamBudgetLimit: '1.00', agent: 'one' }),
      await start({ teamBudgetLimit: '1.00', agent: 'two' }),
    ];
    api.answer = reply({ usage: { input_tokens: 205_000, output_tokens: 0 } });
    await (await post(gateways[0] as RunningGateway, {})).text();
    expect((await post(gateways[1] as RunningGateway, {})).status).toBe(200);
    for (const gateway of gateways) await gateway.close();
    const mail = await readInbox(native(), 'team-lead');
    expect(mail).toHaveLength(1);
    expect(mail[0]).toMatchObject({ from: 'gateway', summary: 'budget: $0.82 of $1.00 spent' });
  });

  test('the warning about an agent’s own limit names the agent', async () => {
    const gateway = await start({ teamBudgetLimit: '100.00', agentBudgetLimit: '1.00' });
    const spend = async (input_tokens: number) => {
      api.answer = reply({ usage: { input_tokens, output_tokens: 0 } });
      await (await post(gateway, {})).text();
    };
    await spend(195_000);
    await spend(5000);
    await gateway.close();
    const mail = await readInbox(native(), 'team-lead');
    expect(mail.map(({ text }) => text.slice(0, 33))).toEqual([
      'worker has spent $0.80 of $1.00. ',
    ]);
  });

  test('onLimit cut breaks off open replies', async () => {
    const one = await start({ ...limits, agent: 'one', onLimit: 'cut' });
    const two = await start({ ...limits, agent: 'two', onLimit: 'cut' });
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening('claude-opus-5-5', { input_tokens: 100 }, 'hello'));
    };
    const streaming = await post(one, { stream: true });
    const brokenOff = expect(streaming.text()).rejects.toThrow();
    api.answer = reply({ usage: { input_tokens: 5000 } });
    await (await post(two, {})).text();
    await brokenOff;
    await one.close();
    expect((await ledger()).entries()).toContainEqual(
      expect.objectContaining({ agent: 'one', state: 'done', cut: true }),
    );
  });

  test('onLimit reserve: concurrent requests cannot exceed the limit together', async () => {
    // Each request can cost 1000 output tokens, $0.02, and costs half; the limit allows one at a time.
    const spec = { teamBudgetLimit: '0.05', onLimit: 'reserve' } as const;
    const gateways = await Promise.all(
      ['a', 'b', 'c', 'd'].map((agent) => start({ ...spec, agent })),
    );
    api.answer = reply({ usage: { input_tokens: 0, output_tokens: 500 } });
    const replies = await Promise.all(
      [...gateways, ...gateways].map((gateway) => post(gateway, { stream: true })),
    );
    await Promise.all(replies.map((response) => response.text()));
    const spent = (await ledger()).totals.team().usd;
    expect(Number(moneyText(spent))).toBeLessThanOrEqual(0.05);
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(3);
    expect(replies.filter(({ status }) => status === 402).length).toBeGreaterThanOrEqual(1);
  });
});

test('/status returns the team’s live figures', async () => {
  await mountKey(team);
  const gateway = await start({ teamBudgetLimit: '5.00' });
  await (await post(gateway, {})).text();
  const live = await figuresOf(gateway);
  expect(readFigures(live)).toEqual({ figures: live });
  expect(live).toMatchObject({ team: 'demo', limit: '5.00', usd: '0.006' });
  expect(live.agents).toMatchObject([{ name: 'worker', role: 'teammate', usd: '0.006' }]);
  expect((await fetch(`${gateway.address.statusUrl}/healthz`)).status).toBe(200);
});

test('/status requires a proof with the key, for this run and this agent', async () => {
  await mountKey(team);
  const gateway = await start();
  const url = `${gateway.address.statusUrl}/status`;
  expect((await fetch(url)).status).toBe(403);
  const token = { 'x-api-key': gateway.address.token };
  expect((await fetch(url, { headers: token })).status).toBe(403);
  for (const wrong of [{ key: 'x'.repeat(43) }, { agent: 'team-lead' }, { run: 'another-run' }]) {
    expect((await askStatus(gateway, wrong)).status).toBe(403);
  }
  const metrics = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
  expect(metrics).toMatch(/^agentteam_refused_requests_total\{reason="status".*\} 5$/m);
});

test('a replayed question reveals nothing, and an old answer does not match a new question', async () => {
  await mountKey(team);
  const gateway = await start();
  const { headers, body, open } = await askStatus(gateway);
  expect(body.toString('latin1')).not.toContain('demo');
  expect(JSON.parse(open())).toMatchObject({ team: 'demo' });
  const again = await fetch(`${gateway.address.statusUrl}/status`, { headers });
  const repeated = Buffer.from(await again.arrayBuffer());
  expect(repeated.toString('latin1')).not.toContain('worker');
  const other = await askStatus(gateway);
  expect(() => other.open()).not.toThrow();
  expect(() => openWith(other, body)).toThrow(FiguresError);
});

/** Uses the answer to one question for another. */
function openWith(question: Awaited<ReturnType<typeof askStatus>>, body: Buffer): string {
  question.body.set(body.subarray(0, question.body.length));
  return question.open();
}

test('without a key, /status is not served, but metrics are', async () => {
  const gateway = await start();
  expect((await fetch(`${gateway.address.statusUrl}/status`)).status).toBe(404);
  const metrics = await fetch(`${gateway.address.statusUrl}/metrics`);
  expect(await metrics.text()).toContain('agentteam_turns');
});

test('model names that an agent makes up get no series of their own', async () => {
  const gateway = await start();
  api.answer = (_, response) => void response.writeHead(404).end('{}');
  for (let index = 0; index < 40; index += 1) {
    await (await post(gateway, { model: `claude-made-up-${index}` })).text();
  }
  await (await post(gateway, { model: 'x"} 1\nagentteam_usd_total 99' })).text();
  const text = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
  const models = new Set(
    [...text.matchAll(/model="((?:[^"\\]|\\.)*)"/g)].map(([, model]) => model),
  );
  expect(models.size).toBeLessThanOrEqual(17);
  expect(models).toContain('other');
  expect(text).not.toMatch(/^agentteam_usd_total 99/m);
});

test('metrics show the exact spending by team, agent and model', async () => {
  const gateway = await start();
  api.answer = reply({ usage: { input_tokens: 3, output_tokens: 0 } });
  for (let index = 0; index < 30; index += 1) await (await post(gateway, {})).text();
  api.answer = (_, response) => void response.writeHead(404).end('{}');
  await (await post(gateway, {})).text();
  const text = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
  const series = (name: string, labels = '') =>
    new RegExp(`^agentteam_${name}\\{${labels}(.*,)?team="demo",agent="worker".*\\} (.*)$`, 'm');
  // 90 tokens at $4 per million: in floating point, thirty times 0.000012 is a different number.
  expect(series('usd_total', 'model="claude-opus-5-5"').exec(text)?.[2]).toBe('0.00036');
  expect(series('tokens_total', 'model="claude-opus-5-5",class="input"').exec(text)?.[2]).toBe(
    '90',
  );
  expect(series('api_errors_total', 'model="claude-opus-5-5",status="404"').exec(text)?.[2]).toBe(
    '1',
  );
  for (const name of ['tasks', 'turns', 'messages_total']) expect(text).toMatch(series(name));
  for (const name of ['first_token_seconds', 'reply_seconds']) {
    expect(text).toMatch(new RegExp(`^agentteam_${name}_count\\{.*agent="worker".*\\} 31$`, 'm'));
  }
});

test('recordings are readable by this user only, and contain no credentials', async () => {
  await credential('api/ANTHROPIC_API_KEY', 'sk-real');
  const gateway = await start({ record: true });
  const text = await (await post(gateway, { stream: true, messages: [{}, {}] })).text();
  await gateway.close();
  const directory = `${team.root}${PATHS.ledger}/recordings/worker`;
  expect(await readFile(`${directory}/0001.sse`, 'utf8')).toBe(text);
  const meta = await readFile(`${directory}/0001.meta.json`, 'utf8');
  expect(JSON.parse(meta)).toMatchObject({
    number: 1,
    status: 200,
    body: '0001.sse',
    request: { model: 'claude-opus-5-5', messages: 2 },
  });
  expect(meta + text).not.toContain('sk-real');
  expect((await stat(`${directory}/0001.sse`)).mode & 0o777).toBe(0o600);
});
