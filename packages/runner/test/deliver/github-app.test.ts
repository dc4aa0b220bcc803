import { generateKeyPairSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { ENV, PATHS } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import {
  APP_ID,
  INSTALLATION_ID,
  type IssuingApp,
  makeGitHubApp,
} from '../support/github-app-server.ts';
import { type GitHubServer, serveGitHub } from '../support/github-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { shell } from '../support/shell.ts';
import { codingSpec, makePlace, never, withSpec } from '../support/team.ts';
import { BRANCH, deliver, finishedTeam, type Remote, serveRemote } from './support/delivery.ts';

let app: IssuingApp;
let remote: Remote;
let hosting: GitHubServer;
let secret: Readonly<Record<string, string>>;
beforeEach(async () => {
  app = makeGitHubApp();
  // GitHub accepts an installation's token as the password of this user.
  remote = await serveRemote(undefined, (given) => {
    const [user, token = ''] = given.split(':');
    return user === 'x-access-token' && app.isValid(token);
  });
  hosting = await serveGitHub('acme/backend', app, '/api/v3');
  secret = { appId: APP_ID, installationId: INSTALLATION_ID, privateKey: app.privateKey };
});
afterEach(async () => {
  await remote.git.close();
  await hosting.close();
});

async function setUp(more: Readonly<Record<string, string | undefined>>, url = hosting.url) {
  const place = await makePlace();
  const given = Object.entries({ ...secret, ...more }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  await mountSecret(place, 'git', Object.fromEntries(given));
  const spec = codingSpec(`${remote.git.url}/acme/backend.git`, { api: {} });
  const env = { ...withSpec(place, spec), [ENV.hostingUrl]: url };
  return { place, ...(await printed(() => setupCommand(env, [], never))) };
}

describe('a GitHub App', () => {
  test('clones, and pushes and opens a pull request hours later', async () => {
    const { url: hostingUrl } = hosting;
    const team = await finishedTeam(remote, undefined, undefined, { secret, hostingUrl });
    expect(app.issued).toHaveLength(1);
    app.expireTokens();
    const { result, log } = await deliver(team, 'create-pr', hostingUrl);
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(hosting.pulls).toMatchObject([{ head: BRANCH, base: 'main' }]);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt`)).toBe('two');
    expect(app.issued.length).toBeGreaterThan(1);
    // Neither a token nor the key is left anywhere.
    const left = await shell(team.place.volume, 'grep -r -a "" . || true');
    for (const token of app.issued) expect(left + log).not.toContain(token);
    expect(left).not.toContain('PRIVATE KEY');
  });

  test('accepts a key in PKCS#8', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const pem = other.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { result, log } = await setUp({ privateKey: pem });
    // It is read, and refused because it is another App's.
    expect(result).toBe(68);
    expect(log).toMatch(/does not accept the key `privateKey` for the App 123456/);
  });

  test.each([
    ['lacks the key `installationId`', { installationId: undefined }],
    ['lacks the key `appId` and `privateKey`', { appId: undefined, privateKey: undefined }],
    ['`privateKey` is not the PEM file', { privateKey: 'secret' }],
    ['`installationId` is not a number', { installationId: 'acme' }],
    ['has no installation 99; correct `installationId`', { installationId: '99' }],
    ['does not accept the key `privateKey` for the App 42', { appId: '42' }],
    ['has a GitHub App and a `token`', { token: 'ghp_x' }],
    [
      'the key `privateKey` cannot be used',
      { privateKey: '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n' },
    ],
  ])('that %s ends the team before money is spent', async (words, more) => {
    const { result, log } = await setUp(more);
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toContain(words);
  });

  test('is refused for a host that is not GitHub', async () => {
    const { result, log } = await setUp({}, 'https://gitlab.example.com/api/v4');
    expect(result).toBe(64);
    expect(log).toContain('A GitHub App works with GitHub only');
    expect(app.issued).toEqual([]);
  });

  test('is asked again while GitHub fails', async () => {
    hosting.failures.push({ status: 502, body: { message: 'Bad gateway' } });
    const { result } = await setUp({});
    expect(result).toBe(0);
    expect(app.issued).toHaveLength(1);
  });
});

test('a token that was rotated while the team ran is used at delivery', async () => {
  let accepted = 'first';
  const rotating = await serveRemote(undefined, (given) => given === `x-access-token:${accepted}`);
  try {
    const team = await finishedTeam(rotating, undefined, undefined, {
      secret: { token: accepted },
    });
    accepted = 'second';
    await rm(`${team.place.root}${PATHS.credentials}/git/token`);
    await mountSecret(team.place, 'git', { token: accepted });
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(await shell(rotating.bare, `git show ${BRANCH}:a.txt`)).toBe('two');
  } finally {
    await rotating.git.close();
  }
});
