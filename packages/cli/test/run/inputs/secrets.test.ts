import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { describe, expect, test } from '@jest/globals';
import { resolveSecrets } from '../../../src/run/inputs/secrets.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

const team = { spec: { auth: { apiKeySecret: 'anthropic-api-key' } } } as AgentTeam;
const need = (name: string) => ({ name, usedBy: ['lead'], mountPaths: [], optional: false });
const api = need('anthropic-api-key');
const git = need('git-credentials');

describe('resolveSecrets', () => {
  test.each([
    [{ ANTHROPIC_API_KEY: 'k' }, { ANTHROPIC_API_KEY: 'k' }],
    [{ CLAUDE_CODE_OAUTH_TOKEN: 't' }, { CLAUDE_CODE_OAUTH_TOKEN: 't' }],
    [{ ANTHROPIC_API_KEY: 'k', CLAUDE_CODE_OAUTH_TOKEN: 't' }, { ANTHROPIC_API_KEY: 'k' }],
  ])('reads the credential of a real run from %j', async (env, want) => {
    const secrets = await resolveSecrets([api], new Map(), team, env, false);
    expect(secrets.get(api.name)).toEqual(want);
  });

  test('without a credential, explains how to set one or to rehearse', async () => {
    await expect(
      resolveSecrets([api], new Map(), team, { ANTHROPIC_API_KEY: '' }, false),
    ).rejects.toMatchObject({
      exitCode: 2,
      hint: expect.stringMatching(/ANTHROPIC_API_KEY[\s\S]*--rehearse/),
    });
  });

  test("does not use the user's key in a rehearsal", async () => {
    const secrets = await resolveSecrets(
      [api, git],
      new Map(),
      team,
      { ANTHROPIC_API_KEY: 'sk-real' },
      true,
    );
    expect(JSON.stringify([...secrets])).not.toContain('sk-real');
    expect([...secrets.keys()]).toEqual([api.name, git.name]);
  });

  test('follows a directory in the layout of Kubernetes, and a KEY=value file', async () => {
    const directory = join(await temporary(), 'git');
    await mkdir(join(directory, '..data'), { recursive: true });
    await writeFile(join(directory, 'token'), 'abc');
    const file = join(await temporary(), 'api.env');
    await writeFile(file, '# mine\nANTHROPIC_API_KEY="from file"\n');
    const given = new Map([
      [git.name, directory],
      [api.name, file],
    ]);
    const secrets = await resolveSecrets([api, git], given, team, {}, false);
    const read = (name: string): unknown => {
      const source = secrets.get(name);
      return typeof source === 'function' ? source() : source;
    };
    expect(read(git.name)).toEqual({ token: 'abc' });
    expect(read(api.name)).toEqual({ ANTHROPIC_API_KEY: 'from file' });
    await writeFile(file, 'ANTHROPIC_API_KEY=rotated\n');
    expect(read(api.name)).toEqual({ ANTHROPIC_API_KEY: 'rotated' });
    await rm(file);
    expect(read(api.name)).toBeUndefined();
  });

  test('fails when another Secret is missing', async () => {
    await expect(
      resolveSecrets([git], new Map(), team, { ANTHROPIC_API_KEY: 'k' }, false),
    ).rejects.toMatchObject({ message: 'Secret not found: git-credentials' });
  });

  test('leaves a login that a rehearsal must not use out of it', async () => {
    const app = join(await temporary(), 'app.env');
    await writeFile(app, 'appId=1\ninstallationId=2\nprivateKey=p\n');
    const login = join(await temporary(), 'api.env');
    await writeFile(login, 'CLAUDE_CODE_OAUTH_TOKEN=t\nCLAUDE_CODE_OAUTH_REFRESH_TOKEN=r\n');
    const given = new Map([
      [git.name, app],
      [api.name, login],
    ]);
    const secrets = await resolveSecrets([api, git], given, team, {}, true);
    expect(secrets.get(git.name)).toEqual({ token: 'rehearsal' });
    expect(secrets.get(api.name)).toEqual({ CLAUDE_CODE_OAUTH_TOKEN: 't' });
  });

  const listed: unknown = {
    spec: {
      auth: {
        credentials: [
          { name: 'max', oauthSecret: 'max' },
          { name: 'company', apiKeySecret: 'company' },
          { name: 'spare', apiKeySecret: 'spare' },
        ],
      },
    },
  };
  const three = ['max', 'company', 'spare'].map(need);

  test('gives the first credential of a kind the variable, and leaves the others without a value', async () => {
    const secrets = await resolveSecrets(
      three,
      new Map(),
      listed as AgentTeam,
      { ANTHROPIC_API_KEY: 'k' },
      false,
    );
    expect([...secrets]).toEqual([
      ['company', { ANTHROPIC_API_KEY: 'k' }],
      ['max', {}],
      ['spare', {}],
    ]);
    await expect(
      resolveSecrets(three, new Map(), listed as AgentTeam, {}, false),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('--secret max=FILE'),
    });
  });

  test("does not send the user's credential to an address that only the file names", async () => {
    const elsewhere = {
      spec: { auth: { apiKeySecret: api.name, baseUrl: 'https://llm.example.com' } },
    } as AgentTeam;
    const env = { ANTHROPIC_API_KEY: 'k' };
    await expect(resolveSecrets([api], new Map(), elsewhere, env, false)).rejects.toMatchObject({
      message: expect.stringContaining('sends its credential to https://llm.example.com'),
      hint: expect.stringContaining(`--secret ${api.name}=FILE`),
    });
    const agreed = { ...env, ANTHROPIC_BASE_URL: 'https://llm.example.com' };
    const secrets = await resolveSecrets([api], new Map(), elsewhere, agreed, false);
    expect(secrets.get(api.name)).toEqual({ ANTHROPIC_API_KEY: 'k' });
  });
});
