import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  ENV,
  EXIT,
  FILES,
  PATHS,
  type ProviderWait,
  REHEARSAL_MISTAKE,
  SECRET_DATA,
} from '@agentteam/contract';
import { readProviderRefusal, readProviderWait, waitInDirectory } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { type GatewayFailed, launch, ledgerOf } from '../gateway-process.ts';
import { type Answer, event, reply } from '../scripted-api.ts';
import { api, start, team } from '../setting.ts';
import { atEnd, environment, post, startInProcess } from '../team.ts';

const GOOD = reply({});

function error(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error: { type: 'an_error', message } }));
  };
}

/** Gives these answers in turn, and good ones afterwards. */
function answers(...first: readonly Answer[]): Answer {
  return (request, response) => (first[api.seen.length - 1] ?? GOOD)(request, response);
}

function waitOf(agent = 'worker'): Promise<ProviderWait> {
  const control = team.root + PATHS.control;
  return waitInDirectory(`${control}/${FILES.waiting}`, () => readProviderWait(control, agent), {
    signal: AbortSignal.timeout(30_000),
    pollMs: 20,
  });
}

async function noWait(): Promise<void> {
  const control = team.root + PATHS.control;
  await waitInDirectory(
    `${control}/${FILES.waiting}`,
    async () => (await readProviderWait(control, 'worker')) === undefined || undefined,
    { signal: AbortSignal.timeout(30_000), pollMs: 20 },
  );
}

function refusal() {
  return readProviderRefusal(team.root + PATHS.gateway);
}

async function credential(value: string, name = 'ANTHROPIC_API_KEY'): Promise<void> {
  const file = `${team.root}${PATHS.credentials}/api/${name}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, value);
}

/** Starts a gateway of this engine. The empty one is Argo. */
async function startOn(engine: string) {
  const env = { ...environment(team, api.url, { secret: 'team-key' }), [ENV.engine]: engine };
  const gateway = await startInProcess(env);
  atEnd(() => gateway.close());
  return gateway;
}

const LIMIT = error(429, 'Usage limit reached', { 'retry-after': '2' });

describe('a request that the API refuses for now', () => {
  test('is held until the time that the API names, and the wait is visible', async () => {
    const gateway = await start();
    api.answer = answers(LIMIT);
    const asked = post(gateway, { stream: true });
    const wait = await waitOf();
    expect(wait).toMatchObject({ reason: 'usage-limit', told: true });
    const metrics = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
    expect(metrics).toMatch(/agentteam_waiting_for_provider\{reason="usage-limit",.*\} 1/);
    const response = await asked;
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(wait.until));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('message_stop');
    await noWait();
    const entries = (await ledgerOf(team)).entries();
    expect(entries).toMatchObject([
      { status: 429, usd: '0.00' },
      { status: 200, usd: '0.006' },
    ]);
  });

  const SSE = 'text/event-stream';
  const AWS_STREAM = 'application/vnd.amazon.eventstream';
  const AWS = new EventStreamCodec(String, Buffer.from);
  const overloaded = { error: { type: 'overloaded_error', message: 'Overloaded' } };
  const awsError = (name: string) => {
    const text = (value: string) => ({ type: 'string', value }) as const;
    const headers = { ':message-type': text('exception'), ':exception-type': text(name) };
    const body = Buffer.from(JSON.stringify({ message: 'Too many requests' }));
    return Buffer.from(AWS.encode({ headers, body }));
  };
  test.each<[string, string, string | Buffer, object]>([
    ['an empty body', 'application/json', '', { reason: 'server-error', detail: 'EMPTY_REPLY' }],
    ['a stream without an event', SSE, ': hello\n\n', { detail: 'EMPTY_REPLY' }],
    ['an error in a stream', SSE, `: hello\n\n${event('error', overloaded)}`, { detail: '529' }],
    ['an error with a code', SSE, 'data: {"error":{"code":503}}', { detail: '503' }],
    ['an error as a document', 'application/json', JSON.stringify(overloaded), { detail: '529' }],
    [
      'a limit in a stream of AWS',
      AWS_STREAM,
      awsError('throttlingException'),
      { reason: 'rate-limit' },
    ],
    [
      'a failure in a stream of AWS',
      AWS_STREAM,
      awsError('modelStreamErrorException'),
      { detail: '424' },
    ],
  ])('waits although its status is 200: %s', async (_, type, body, expected) => {
    const gateway = await start();
    const fault: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': type, 'retry-after': '1' }).end(body);
    };
    api.answer = answers(fault);
    const asked = post(gateway, { stream: true });
    expect(await waitOf()).toMatchObject(expected);
    const response = await asked;
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('message_stop');
    const entries = (await ledgerOf(team)).entries();
    expect(entries).toMatchObject([{ usd: '0.00' }, { status: 200, usd: '0.006' }]);
  });

  test('is sent alone when the wait ends, and the others follow', async () => {
    const gateway = await start();
    let probed = 0;
    api.answer = (request, response) => {
      if (api.seen.length <= 4) return LIMIT(request, response);
      // If the others were sent now, they would be refused as well.
      if (api.seen.length === 5) {
        probed = api.seen.length;
        return LIMIT(request, response);
      }
      return GOOD(request, response);
    };
    const asked = [1, 2, 3, 4].map(() => post(gateway, {}));
    for (const response of await Promise.all(asked)) expect(response.status).toBe(200);
    expect(probed).toBe(5);
    // Four requests, then one that is too early, one that is answered, and the other three.
    expect(api.seen).toHaveLength(4 + 1 + 1 + 3);
  });

  test('for one model does not delay requests for another', async () => {
    const gateway = await start();
    const long = error(429, 'Usage limit reached', { 'retry-after': '3600' });
    api.answer = (request, response) =>
      request.body.includes('claude-opus') ? long(request, response) : GOOD(request, response);
    const gone = new AbortController();
    const held = post(gateway, {}, { signal: gone.signal });
    await waitOf();
    expect((await post(gateway, { model: 'claude-haiku-5-5' })).status).toBe(200);
    gone.abort();
    await expect(held).rejects.toThrow();
  });

  test('holds no reservation while it waits', async () => {
    const gateway = await start({ onLimit: 'reserve', teamBudgetLimit: '1.00' });
    api.answer = answers(LIMIT);
    const asked = post(gateway, {});
    await waitOf();
    const names = await readdir(`${team.root}${PATHS.ledger}/reservations`);
    expect(names.filter((name) => name.endsWith('.json'))).toEqual([]);
    expect((await asked).status).toBe(200);
  });

  test('is held until the same time by the next gateway, after a kill', async () => {
    api.answer = answers(error(429, 'Usage limit reached', { 'retry-after': '4' }));
    const first = await launch(team, environment(team, api.url));
    const broken = expect(post(first, {})).rejects.toThrow();
    const wait = await waitOf();
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    await broken;

    const second = await launch(team, environment(team, api.url));
    const response = await post(second, {});
    expect(response.status).toBe(200);
    // Nothing was sent before.
    expect(api.seen).toHaveLength(2);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(wait.until));
    await second.stop();
  });

  test('keeps its wait on disk when the gateway stops', async () => {
    const gateway = await launch(team, environment(team, api.url));
    api.answer = error(429, 'Usage limit reached', { 'retry-after': '3600' });
    const broken = post(gateway, {}).catch(() => {});
    const wait = await waitOf();
    await gateway.stop();
    await broken;
    expect(await readProviderWait(team.root + PATHS.control, 'worker')).toEqual(wait);
  });

  test('waits until the account has credit again', async () => {
    const gateway = await start();
    api.answer = error(400, 'Your credit balance is too low to access the Anthropic API.');
    const gone = new AbortController();
    const held = post(gateway, {}, { signal: gone.signal });
    expect(await waitOf()).toMatchObject({ reason: 'no-credit', told: false });
    gone.abort();
    await expect(held).rejects.toThrow();
  });

  test('is refused at once if the team does not wait', async () => {
    const gateway = await start({ onProviderLimit: 'fail' });
    api.answer = LIMIT;
    const response = await post(gateway, {});
    expect(response.status).toBe(402);
    expect(await refusal()).toMatchObject({
      exitCode: EXIT.limited,
      final: true,
      message: expect.stringContaining('lifecycle.onProviderLimit is fail'),
    });
    expect(api.seen).toHaveLength(1);
  });
});

describe('a credential that the API refuses', () => {
  const WRONG = error(401, 'invalid x-api-key');

  test.each([
    ['local', 'set the environment variable ANTHROPIC_API_KEY'],
    ['', 'into the key ANTHROPIC_API_KEY of the Secret team-key'],
  ])('keeps the gateway from serving at all (engine %p)', async (engine, expected) => {
    await credential('sk-mistyped');
    api.preflight = WRONG;
    const env = { ...environment(team, api.url, { secret: 'team-key' }), [ENV.engine]: engine };
    const { failure } = (await launch(team, env).catch((one) => one)) as GatewayFailed;
    expect(failure.exitCode).toBe(EXIT.refused);
    expect(failure.message).toContain('401 an_error: invalid x-api-key');
    expect(failure.message).toContain(expected);
    expect(api.seen).toEqual([]);
  });

  test.each([
    ['Request not allowed', /does not serve the country or region .*: run the team where/],
    ["Blocked by your organization's policy", /because of a policy .*: ask an administrator/],
  ])('is not to be replaced if the reason is another: %s', async (problem, expected) => {
    await credential('sk-good');
    api.preflight = error(403, problem);
    const { failure } = (await launch(team, environment(team, api.url)).catch(
      (one) => one,
    )) as GatewayFailed;
    expect(failure.exitCode).toBe(EXIT.refused);
    expect(failure.message).toMatch(expected);
    expect(failure.message).toContain(`403 an_error: ${problem}`);
    expect(failure.message).not.toContain('valid credential');
  });

  test('ends the step if the first request shows it', async () => {
    const gateway = await start();
    api.answer = WRONG;
    expect((await post(gateway, {})).status).toBe(402);
    expect(await refusal()).toMatchObject({ exitCode: EXIT.refused, final: true });
  });

  test.each([
    ['in a cluster', '', 'ANTHROPIC_API_KEY'],
    ['from a file of this machine', 'local', `${SECRET_DATA}/ANTHROPIC_API_KEY`],
  ])(
    'is waited for if it has worked before, and a new one is used as soon as it exists (%s)',
    async (_, engine, key) => {
      await credential('sk-old', key);
      await credential('sk-old');
      const gateway = await startOn(engine);
      expect((await post(gateway, {})).status).toBe(200);
      api.answer = (request, response) =>
        (request.headers['x-api-key'] === 'sk-new' ? GOOD : WRONG)(request, response);
      const asked = post(gateway, {});
      expect(await waitOf()).toMatchObject({ reason: 'credential', detail: '401' });
      await credential('sk-new');
      expect((await asked).status).toBe(200);
      expect(await refusal()).toBeUndefined();
    },
  );

  test.each([401, 403])(
    'is not waited for if it came from a variable of this machine (%i)',
    async (status) => {
      await credential('sk-old');
      const gateway = await startOn('local');
      expect((await post(gateway, {})).status).toBe(200);
      api.answer = error(status, 'the key was revoked');
      expect((await post(gateway, {})).status).toBe(402);
      expect(await refusal()).toMatchObject({
        exitCode: EXIT.refused,
        message: expect.stringContaining('set the environment variable ANTHROPIC_API_KEY'),
      });
    },
  );
});

describe('the preflight request', () => {
  const models: Answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: [{ type: 'model', id: 'claude-opus-5-5' }] }));
  };

  test('stops the gateway at an unknown model', async () => {
    api.preflight = models;
    api.answer = (_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      const not = { type: 'not_found_error', message: 'model: claude-opus-9' };
      response.end(JSON.stringify({ type: 'error', error: not }));
    };
    const env = environment(team, api.url, { model: 'claude-opus-9' });
    const { failure } = (await launch(team, env).catch((one) => one)) as GatewayFailed;
    expect(failure.exitCode).toBe(EXIT.invalid);
    expect(failure.message).toContain('the model "claude-opus-9"');
    expect(api.seen.map(({ url }) => url)).toEqual(['/v1/models/claude-opus-9']);
  });

  test.each([404, 405, 403, 501, 429])('ignores an endpoint that answers %i', async (status) => {
    api.preflight = error(status, 'not here');
    expect((await post(await start(), {})).status).toBe(200);
  });

  test('ignores that a subscription token is not supported there', async () => {
    await credential('oauth', 'CLAUDE_CODE_OAUTH_TOKEN');
    api.preflight = error(401, 'OAuth authentication is currently not supported.');
    expect((await post(await start(), {})).status).toBe(200);
  });

  test('shows an API that is down before the agent’s first request', async () => {
    api.preflight = error(503, 'down');
    await start();
    expect(await waitOf()).toMatchObject({ reason: 'server-error', detail: '503' });
    expect(api.seen).toEqual([]);
  });
});

test('an invalid request is passed to the agent, and remembered until one succeeds', async () => {
  const gateway = await start();
  api.answer = answers(error(400, 'messages: at least one message is required'));
  const response = await post(gateway, {});
  expect(response.status).toBe(400);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(await response.text()).toContain('at least one message');
  expect(await refusal()).toMatchObject({ exitCode: EXIT.invalid, final: false });
  expect((await post(gateway, {})).status).toBe(200);
  await waitInDirectory(
    team.root + PATHS.gateway,
    async () => (await refusal()) === undefined || undefined,
    { signal: AbortSignal.timeout(10_000) },
  );
});

test('an error in a stream about the request itself reaches the agent with its status', async () => {
  const gateway = await start();
  const invalid = { error: { type: 'invalid_request_error', message: 'prompt is too long' } };
  api.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(event('error', invalid));
  };
  const response = await post(gateway, { stream: true });
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject(invalid);
});

test('an error about the request itself ends a wait as well', async () => {
  const gateway = await start();
  api.answer = answers(LIMIT, error(400, 'messages: at least one message is required'));
  const asked = post(gateway, {});
  await waitOf();
  expect((await asked).status).toBe(400);
  await noWait();
});

test('an address that serves something else is named, instead of the request', async () => {
  const gateway = await start();
  api.answer = (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' });
    response.end('<h1>Not Found</h1>');
  };
  expect((await post(gateway, {})).status).toBe(404);
  expect(await refusal()).toMatchObject({
    exitCode: EXIT.invalid,
    message: expect.stringMatching(/^the address of the API does not serve it \(404\): correct /),
  });
});

test.each<[string, Answer, RegExp]>([
  [
    'a proxy that asks for a login in place of the API',
    (_, response) => void response.writeHead(407).end('Proxy Authentication Required'),
    /^the proxy refuses requests to the API \(407\): correct (?:HTTPS_PROXY|the chart's proxy settings)/,
  ],
  [
    'an account that is closed',
    error(400, 'This organization has been disabled.'),
    /^the API refused the credential \(400 an_error: This organization has been disabled\.\)/,
  ],
])('%s is not reported as a mistake in the team', async (_, answer, message) => {
  const gateway = await start();
  api.answer = answer;
  await (await post(gateway, {})).text();
  expect(await refusal()).toMatchObject({ message: expect.stringMatching(message) });
});

test('a mistake in the script of a rehearsal is not reported as one of the team', async () => {
  const gateway = await start();
  const message = 'rehearsal.yaml:4: turn 1 of mate: mate has not seen it yet';
  api.answer = error(400, message, { [REHEARSAL_MISTAKE]: 'true' });
  expect((await post(gateway, {})).status).toBe(400);
  expect(await refusal()).toMatchObject({
    exitCode: EXIT.invalid,
    message: expect.stringMatching(/^the rehearsal has no reply for \S+: rehearsal\.yaml:4: /),
  });
});
