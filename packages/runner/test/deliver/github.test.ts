import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actsOn, headingsIn, NOTHING } from '../support/acts-on.ts';
import { type GitHubServer, type StoredPull, serveGitHub } from '../support/github-server.ts';
import { mountSecret } from '../support/secret.ts';
import { output } from '../support/team.ts';
import {
  BRANCH,
  deliver,
  finishedTeam,
  type Remote,
  report,
  serveRemote,
  TOKEN,
} from './support/delivery.ts';

let remote: Remote;
let hosting: GitHubServer;
beforeEach(async () => {
  remote = await serveRemote();
  hosting = await serveGitHub('acme/backend', TOKEN);
  hosting.commitOf = (branch) =>
    execFileSync('git', ['rev-parse', branch], { cwd: remote.bare, encoding: 'utf8' }).trim();
});
afterEach(async () => {
  await remote.git.close();
  await hosting.close();
});

describe('a pull request on GitHub', () => {
  test('shows the work, the agents and the cost', async () => {
    const team = await finishedTeam(remote);
    expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
    expect(hosting.pulls).toMatchObject([
      {
        head: BRANCH,
        base: 'main',
        title: 'feat: say two',
        labels: ['agents'],
        reviewers: ['ada'],
        teams: ['backend-team'],
      },
    ]);
    const body = hosting.pulls[0]?.body ?? '';
    expect(body).toContain('### api\n\n> ```text\n> I said two.\n> /APPROVE\n> ```');
    expect(body).toContain('| **team** | | | | **$0.00** |');
    expect(body).toContain('passed  test: npm run test');
    expect(body).toContain(
      '## Summary\n\nThe lead reported:\n\n> `````text\n> All done @ everyone',
    );
    // An agent's text mentions nobody, closes nothing, and forges no heading.
    expect(hosting.pulls.map(({ body }) => actsOn(body))).toEqual([NOTHING]);
    expect(headingsIn(body)).toEqual(['Summary', 'Work', 'api', 'Cost', 'Checks']);
    expect(await output(team.place, 'pull-request-url')).toBe(hosting.pulls[0]?.html_url);
    expect(await output(team.place, 'pull-request-state')).toBe('open');
  });

  test('shows no checks when the team has none, whatever record an agent left', async () => {
    const team = await finishedTeam(remote);
    await deliver(team, 'create-pr', hosting.url, [], 'main', false);
    expect(headingsIn(hosting.pulls[0]?.body ?? '')).toEqual(['Summary', 'Work', 'api', 'Cost']);
    expect(hosting.pulls[0]?.body).not.toContain('npm run test');
  });

  test('is updated instead of opened twice', async () => {
    const team = await finishedTeam(remote);
    await deliver(team, 'create-pr', hosting.url);
    await report(team.place, 'api', 'I said it again.');
    expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);
    expect(hosting.pulls[0]?.body).toContain('I said it again.');
    expect(await output(team.place, 'outcome')).toMatch(/^Updated /);
  });

  test('is not opened twice by an attempt after a killed one, whatever a person has done with it meanwhile', async () => {
    const team = await finishedTeam(remote);
    const attempt = async (change: Partial<StoredPull>) => {
      Object.assign(hosting.pulls[0] ?? {}, change);
      expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
      const names = ['outcome', 'pull-request-state'];
      return (await Promise.all(names.map((name) => output(team.place, name)))).join('\n');
    };
    await attempt({});
    expect(await attempt({ base: 'develop' })).toMatch(/^Updated .*\nopen$/);
    const ended = (state: string) =>
      `${hosting.pulls[0]?.html_url} has this result already, and was ${state}. No other pull request was opened.\n${state}`;
    expect(await attempt({ state: 'closed' })).toBe(ended('closed'));
    expect(await attempt({ merged: true })).toBe(ended('merged'));
    expect(hosting.pulls).toHaveLength(1);
    // Its branch had another result.
    expect(await attempt({ sha: '0'.repeat(40) })).toMatch(/^Opened .*\nopen$/);
    expect(hosting.pulls).toHaveLength(2);
  });

  const soon = () => String(Math.ceil(Date.now() / 1000) + 1);
  test.each([
    ['a bad gateway', () => ({ status: 502 })],
    [
      'a secondary rate limit',
      () => ({
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
      }),
    ],
    [
      'a secondary rate limit by 429',
      () => ({
        status: 429,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      }),
    ],
    [
      'a primary rate limit that ends soon',
      () => ({
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': soon() },
        body: { message: 'API rate limit exceeded for user ID 1.' },
      }),
    ],
    ['a lost answer', () => ({ status: 502, after: true })],
  ])('survives %s, when looking for it and when opening it', async (name, failure) => {
    const team = await finishedTeam(remote);
    hosting.failures.push(failure(), { status: 200, body: [] }, failure());
    const { result, log } = await deliver(team, 'create-pr', hosting.url);
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(hosting.pulls).toHaveLength(1);
    expect(log.includes("GitHub's rate limit is reached")).toBe(/rate limit/.test(name));
    // The client's own warnings are not printed.
    expect(log).not.toContain('with id');
  });

  test('a rate limit that lasts longer than the step waits is left to another attempt', async () => {
    const team = await finishedTeam(remote);
    const reset = String(Math.floor(Date.now() / 1000) + 3600);
    hosting.failures.push({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      body: { message: 'API rate limit exceeded for user ID 1.' },
    });
    const { result, log } = await deliver(team, 'create-pr', hosting.url);
    expect(result).toBe(1);
    expect(log).toContain('rate limit exceeded');
  });

  test('GitHub Enterprise works the same under its own path', async () => {
    const enterprise = await serveGitHub('acme/backend', TOKEN, '/api/v3');
    try {
      const team = await finishedTeam(remote);
      expect((await deliver(team, 'create-pr', `${enterprise.url}/`)).result).toBe(0);
      expect(enterprise.pulls).toMatchObject([{ head: BRANCH, reviewers: ['ada'] }]);
      expect(enterprise.requests.every(({ path }) => path.startsWith('/api/v3/'))).toBe(true);
    } finally {
      await enterprise.close();
    }
  });

  test('an unknown reviewer becomes a note, and the others are asked', async () => {
    const team = await finishedTeam(remote);
    const names = ['ada', 'nobody', 'acme/backend-team'];
    expect((await deliver(team, 'create-pr', hosting.url, names)).result).toBe(0);
    expect(hosting.pulls).toMatchObject([{ reviewers: ['ada'], teams: ['backend-team'] }]);
    const outcome = await output(team.place, 'outcome');
    expect(outcome).toContain('\nNo review could be requested from nobody: Reviews may only be');
    expect(outcome).not.toContain('ada could not');
  });

  test('a token that may only open pull requests opens it', async () => {
    const team = await finishedTeam(remote);
    const no = {
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
    };
    hosting.refused = (path) => (/labels|requested_reviewers/.test(path) ? no : undefined);
    expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
    expect(await output(team.place, 'pull-request-url')).toBe(hosting.pulls[0]?.html_url);
    expect(await output(team.place, 'outcome')).toMatch(
      /^Opened .*\nThe labels agents could not be set: Resource not.*\nNo review could be requested from ada: .*\nNo review could be requested from acme\/backend-team/s,
    );
  });

  test('the error names a missing target branch', async () => {
    const team = await finishedTeam(remote);
    const { result, log } = await deliver(team, 'create-pr', hosting.url, [], 'nowhere');
    expect(result).toBe(68);
    expect(log).toContain(
      `${BRANCH} was pushed. acme/backend on GitHub has no branch nowhere: set `,
    );
  });

  test('a refused token is a final failure', async () => {
    const team = await finishedTeam(remote);
    await mountSecret(team.place, 'hosting', { token: 'wrong' });
    const { result, log } = await deliver(team, 'create-pr', hosting.url);
    expect(result).toBe(68);
    expect(log).toContain('GitHub refused the pull request for acme/backend (401)');
  });

  test('the error names a host that is not a known service', async () => {
    const team = await finishedTeam(remote);
    const { result, log } = await deliver(team, 'create-pr');
    expect(result).toBe(64);
    expect(log).toContain('AGENTTEAM_HOSTING_URL');
  });
});
