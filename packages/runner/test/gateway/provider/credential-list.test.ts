import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, FILES, type GatewaySpec, PATHS, type ProviderWait } from '@agentteam/contract';
import { aggregate } from '@agentteam/ledger';
import { readProviderRefusal, readProviderWait, waitInDirectory } from '@agentteam/volume';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerOf } from '../gateway-process.ts';
import { type Answer, models, reply } from '../scripted-api.ts';
import { api, start, team } from '../setting.ts';
import { figuresOf, mountKey, post } from '../team.ts';

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

const usageLimit = (seconds: number) =>
  error(429, 'Usage limit reached', { 'retry-after': String(seconds) });
const NO_CREDIT = error(400, 'Your credit balance is too low to access the Anthropic API.');
const REFUSED = error(401, 'invalid x-api-key');

/** Answers by the credential that a request carries. */
function byCredential(answers: Readonly<Record<string, Answer>>): Answer {
  return (request, response) => {
    const { authorization, 'x-api-key': key } = request.headers;
    const answer = answers[authorization?.replace('Bearer ', '') ?? String(key)];
    if (answer === undefined) throw new Error(`unexpected credential: ${authorization ?? key}`);
    return answer(request, response);
  };
}

/** The credentials of the requests that the API got, in order. */
function used(): readonly string[] {
  return api.seen.map(
    ({ headers }) => headers.authorization?.replace('Bearer ', '') ?? String(headers['x-api-key']),
  );
}

async function store(name: string, key: string, value: string): Promise<void> {
  const file = `${team.root}${PATHS.credentials}/api/${name}/${key}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, value);
}

const SPEC: Partial<GatewaySpec> = {
  credentials: [
    { name: 'max', secret: 'subscription', kind: 'oauth' },
    { name: 'company', secret: 'company-key', kind: 'api-key' },
  ],
};

function waitOf(): Promise<ProviderWait> {
  const control = team.root + PATHS.control;
  return waitInDirectory(`${control}/${FILES.waiting}`, () => readProviderWait(control, 'worker'), {
    signal: AbortSignal.timeout(30_000),
    pollMs: 20,
  });
}

beforeEach(async () => {
  await store('max', 'CLAUDE_CODE_OAUTH_TOKEN', 'oauth-1');
  await store('company', 'ANTHROPIC_API_KEY', 'key-1');
});

describe('a list of credentials', () => {
  test('continues with the next one when one is out of quota, and comes back', async () => {
    await mountKey(team);
    const gateway = await start(SPEC);
    let isOut = true;
    api.answer = byCredential({
      'oauth-1': (request, response) => (isOut ? usageLimit(1) : GOOD)(request, response),
      'key-1': GOOD,
    });
    expect((await post(gateway, {})).status).toBe(200);
    expect((await post(gateway, {})).status).toBe(200);
    // The second request does not ask the one that is out of quota again.
    expect(used()).toEqual(['oauth-1', 'key-1', 'key-1']);
    isOut = false;
    while (used().at(-1) !== 'oauth-1') expect((await post(gateway, {})).status).toBe(200);
    expect(await readProviderWait(team.root + PATHS.control, 'worker')).toBeUndefined();
    const { credentials } = await figuresOf(gateway);
    const company = used().filter((one) => one === 'key-1').length;
    expect(credentials).toEqual([
      { name: 'max', usd: '0.006' },
      { name: 'company', usd: `${(company * 6) / 1000}` },
    ]);

    const entries = (await ledgerOf(team)).entries();
    expect(entries[0]).toMatchObject({ status: 429, usd: '0.00', credential: 'max' });
    expect(entries[1]).toMatchObject({ status: 200, credential: 'company' });
    expect(aggregate(entries).map(({ credential }) => credential)).toEqual(['company', 'max']);
  });

  test('remembers each model for itself, and an empty balance for all models', async () => {
    const gateway = await start(SPEC);
    const forOpus: Answer = (request, response) =>
      (request.body.includes('claude-opus') ? usageLimit(3600) : GOOD)(request, response);
    api.answer = byCredential({ 'oauth-1': forOpus, 'key-1': GOOD });
    await post(gateway, {});
    await post(gateway, { model: 'claude-haiku-5-5' });
    expect(used()).toEqual(['oauth-1', 'key-1', 'oauth-1']);

    api.seen.length = 0;
    api.answer = byCredential({ 'oauth-1': NO_CREDIT, 'key-1': GOOD });
    await post(gateway, { model: 'claude-haiku-5-5' });
    await post(gateway, { model: 'claude-sonnet-5-5' });
    expect(used()).toEqual(['oauth-1', 'key-1', 'key-1']);
  });

  test('waits for the one that is usable first when all are out', async () => {
    const gateway = await start(SPEC);
    let calls = 0;
    api.answer = byCredential({
      'oauth-1': usageLimit(3600),
      'key-1': (request, response) => {
        calls += 1;
        return (calls === 1 ? usageLimit(2) : GOOD)(request, response);
      },
    });
    const asked = post(gateway, {});
    const wait = await waitOf();
    expect(wait).toMatchObject({ reason: 'usage-limit', told: true });
    expect(Date.parse(wait.until) - Date.now()).toBeLessThan(60_000);
    expect((await asked).status).toBe(200);
    expect(used()).toEqual(['oauth-1', 'key-1', 'key-1']);
  });

  test('fails when all are out and the team does not wait', async () => {
    const gateway = await start({ ...SPEC, onProviderLimit: 'fail' });
    api.answer = byCredential({ 'oauth-1': usageLimit(3600), 'key-1': NO_CREDIT });
    expect((await post(gateway, {})).status).toBe(402);
    expect(await readProviderRefusal(team.root + PATHS.gateway)).toMatchObject({
      exitCode: EXIT.limited,
    });
  });

  test('uses a rotated credential before the time at which the old one would be usable', async () => {
    const gateway = await start(SPEC);
    api.answer = byCredential({ 'oauth-1': usageLimit(3600), 'key-1': GOOD, 'oauth-2': GOOD });
    await post(gateway, {});
    await store('max', 'CLAUDE_CODE_OAUTH_TOKEN', 'oauth-2');
    await post(gateway, {});
    expect(used()).toEqual(['oauth-1', 'key-1', 'oauth-2']);
  });

  test('continues with the next one when one is revoked', async () => {
    const gateway = await start(SPEC);
    api.answer = byCredential({ 'oauth-1': REFUSED, 'key-1': GOOD });
    expect((await post(gateway, {})).status).toBe(200);
    expect(used()).toEqual(['oauth-1', 'key-1']);
  });

  test('names the one that is refused before anything is spent', async () => {
    api.preflight = byCredential({ 'oauth-1': models(), 'key-1': REFUSED });
    await expect(start(SPEC)).rejects.toThrow(
      /refused the credential company of auth\.credentials \(401 an_error: invalid x-api-key\)/,
    );
    expect(api.seen).toEqual([]);
  });

  test('starts with the accepted ones when the team has worked already', async () => {
    const first = await start(SPEC);
    await post(first, {});
    await first.close();
    api.preflight = byCredential({ 'oauth-1': REFUSED, 'key-1': models() });
    api.answer = byCredential({ 'key-1': GOOD });
    const second = await start(SPEC);
    expect((await post(second, {})).status).toBe(200);
  });

  test('without a value for one of them, works with the others on a laptop', async () => {
    await store('max', 'CLAUDE_CODE_OAUTH_TOKEN', '');
    const gateway = await start(SPEC);
    api.answer = byCredential({ 'key-1': GOOD });
    expect((await post(gateway, {})).status).toBe(200);
  });
});
