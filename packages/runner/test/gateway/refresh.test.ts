import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, PATHS } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { launch } from './gateway-process.ts';
import { models, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { environment, post } from './team.ts';
import { TokenEndpoint } from './token-endpoint.ts';

let endpoint: TokenEndpoint;

async function store(key: string, value: string): Promise<void> {
  const file = `${team.root}${PATHS.credentials}/api/${key}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, value);
}

beforeEach(async () => {
  endpoint = await TokenEndpoint.start('access-0', 'refresh-0');
  api.answer = endpoint.guard(reply({}));
  api.preflight = endpoint.guard(models());
  await store('CLAUDE_CODE_OAUTH_TOKEN', 'access-0');
  await store('CLAUDE_CODE_OAUTH_REFRESH_TOKEN', 'refresh-0\n');
  await store('CLAUDE_CODE_OAUTH_TOKEN_URL', endpoint.url);
});
afterEach(() => endpoint.stop());

const directory = () => `${team.root}${PATHS.ledger}/oauth`;
const soon = () => String(Date.now() + 60_000);

describe("a subscription's token", () => {
  test('is used while it is valid, and refreshed before it expires', async () => {
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', String(Date.now() + 3_600_000));
    const gateway = await start();
    expect((await post(gateway, {})).status).toBe(200);
    expect(endpoint.seen).toEqual([]);
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', soon());
    await store('CLAUDE_CODE_OAUTH_SCOPES', 'user:inference user:profile');
    expect((await post(gateway, {})).status).toBe(200);
    expect(endpoint.seen).toEqual([
      {
        grant_type: 'refresh_token',
        refresh_token: 'refresh-0',
        client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
        scope: 'user:inference user:profile',
      },
    ]);
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer access-0',
      'Bearer access-1',
    ]);
    expect((await post(gateway, {})).status).toBe(200);
    expect(endpoint.seen).toHaveLength(1);
  });

  test('is refreshed when the API refuses it, and the agent notices nothing', async () => {
    const gateway = await start();
    expect((await post(gateway, {})).status).toBe(200);
    // Expired earlier than announced.
    await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    api.answer = (request, response) => {
      const { authorization } = request.headers;
      if (authorization === 'Bearer access-1') return reply({})(request, response);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    };
    expect((await post(gateway, {})).status).toBe(200);
    expect(endpoint.seen.map(({ refresh_token: token }) => token)).toEqual([
      undefined,
      'refresh-0',
    ]);
  });

  test('is refreshed once for all gateways of a team, whose file only they can read', async () => {
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', String(Date.now() + 3_600_000));
    const gateways = await Promise.all(
      ['team-lead', 'writer', 'editor'].map((agent) => start({ agent })),
    );
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', soon());
    const answers = await Promise.all(gateways.map((gateway) => post(gateway, {})));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    // A second use of a refresh token would have revoked all tokens.
    expect(endpoint.seen).toHaveLength(1);
    const files = (await readdir(directory())).filter((name) => name.endsWith('.json'));
    expect(files).toEqual(['auth.only.json']);
    const { mode } = await stat(`${directory()}/${files[0]}`);
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('of a Secret with a refresh token alone is fetched before the agent starts', async () => {
    await rm(`${team.root}${PATHS.credentials}/api/CLAUDE_CODE_OAUTH_TOKEN`);
    const gateway = await start();
    expect((await post(gateway, {})).status).toBe(200);
    expect(api.seen[0]?.headers.authorization).toBe('Bearer access-1');
  });

  test('continues with the chain of an earlier gateway, and with a new Secret', async () => {
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', soon());
    const first = await start();
    await post(first, {});
    await first.close();
    const second = await start();
    expect((await post(second, {})).status).toBe(200);
    expect(endpoint.seen).toHaveLength(1);

    const other = await TokenEndpoint.start('other-0', 'other-refresh');
    try {
      api.answer = other.guard(reply({}));
      await store('CLAUDE_CODE_OAUTH_TOKEN', 'other-0');
      await store('CLAUDE_CODE_OAUTH_REFRESH_TOKEN', 'other-refresh');
      await rm(`${team.root}${PATHS.credentials}/api/CLAUDE_CODE_OAUTH_EXPIRES_AT`);
      expect((await post(second, {})).status).toBe(200);
      expect(api.seen.at(-1)?.headers.authorization).toBe('Bearer other-0');
    } finally {
      await other.stop();
    }
  });

  test('that cannot be refreshed ends the start, with the reason', async () => {
    await store('CLAUDE_CODE_OAUTH_TOKEN', 'expired');
    await store('CLAUDE_CODE_OAUTH_REFRESH_TOKEN', 'used-before');
    await expect(start()).rejects.toMatchObject({
      exitCode: EXIT.refused,
      message: expect.stringMatching(
        /the refresh token was refused \(400 invalid_grant: Refresh token not found or invalid\): log in again, put the new tokens into/,
      ),
    });
    // It is not asked again.
    await expect(start()).rejects.toThrow(/the refresh token was refused/);
    expect(endpoint.seen).toHaveLength(1);
  });

  test('is not sent to an address without encryption', async () => {
    await store('CLAUDE_CODE_OAUTH_TOKEN', 'expired');
    await store('CLAUDE_CODE_OAUTH_TOKEN_URL', 'http://tokens.example.com/token');
    await expect(start()).rejects.toThrow(/CLAUDE_CODE_OAUTH_TOKEN_URL.*is not an https URL/);
  });
});

describe('bad days', () => {
  test('an endpoint that does not answer is asked again, and the valid token is used', async () => {
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', soon());
    endpoint.failures.push(503);
    const gateway = await start();
    expect((await post(gateway, {})).status).toBe(200);
    expect(api.seen[0]?.headers.authorization).toBe('Bearer access-0');
    expect(endpoint.seen).toHaveLength(1);
  });

  test('a request waits while the endpoint does not answer and the token has expired', async () => {
    const gateway = await start();
    endpoint.failures.push(503);
    api.answer = (request, response) => {
      if (request.headers.authorization === 'Bearer access-1') return reply({})(request, response);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    };
    expect((await post(gateway, {})).status).toBe(200);
    expect(endpoint.seen).toHaveLength(2);
  });

  test('an answer that was lost is named when the refresh token turns out to be spent', async () => {
    await store('CLAUDE_CODE_OAUTH_TOKEN', 'expired');
    endpoint.failures.push('lost');
    // The endpoint has issued tokens, and the gateway has not seen them. It asks once more.
    const gateway = await start();
    expect(await readFile(`${directory()}/auth.only.json`, 'utf8')).toContain('begunAt');
    expect((await post(gateway, {})).status).toBe(402);
    const file = JSON.parse(await readFile(`${directory()}/auth.only.json`, 'utf8'));
    expect(file.refused).toMatch(/invalid_grant.*possibly because a gateway was killed at/);
    expect(endpoint.seen).toHaveLength(2);
  });

  test('a gateway that is killed while it refreshes does not keep others from refreshing', async () => {
    const dying = await launch(team, environment(team, api.url));
    await store('CLAUDE_CODE_OAUTH_EXPIRES_AT', soon());
    const asked = new Promise<void>((resolve) => {
      endpoint.arrived = () => {
        resolve();
        return false;
      };
    });
    const broken = expect(post(dying, {})).rejects.toThrow();
    await asked;
    dying.child.kill('SIGKILL');
    await broken;
    endpoint.arrived = () => true;
    const gateway = await start();
    expect((await post(gateway, {})).status).toBe(200);
    expect(api.seen[0]?.headers.authorization).toBe('Bearer access-1');
  });

  test('tokens that are refused at once do not cause a storm of refreshes', async () => {
    const gateway = await start();
    api.answer = (_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    };
    await store('CLAUDE_CODE_OAUTH_TOKEN', 'refused');
    expect((await post(gateway, {})).status).toBe(402);
    expect(endpoint.seen).toHaveLength(1);
  });
});
