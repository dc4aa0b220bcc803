import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GitHubServer, serveGitHub } from '../support/github-server.ts';
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
});
afterEach(async () => {
  await remote.git.close();
  await hosting.close();
});

describe('a pull request on GitHub', () => {
  test('tells what was done, by whom and for how much', async () => {
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
    expect(body).toContain('### api\n\nI said two.');
    expect(body).toContain('| **team** | | | | **$0.00** |');
    expect(body).toContain('passed  test: npm run test');
    // Nobody is called, nothing is closed, nothing is hidden by what an agent writes.
    expect(body).not.toMatch(/@everyone|#1|<img|^\/approve/m);
    expect(await output(team.place, 'pull-request-url')).toBe(hosting.pulls[0]?.html_url);
    expect(await output(team.place, 'pull-request-state')).toBe('open');
  });

  test('is brought up to date, not doubled', async () => {
    const team = await finishedTeam(remote);
    await deliver(team, 'create-pr', hosting.url);
    await report(team.place, 'api', 'I said it again.');
    expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);
    expect(hosting.pulls[0]?.body).toContain('I said it again.');
    expect(await output(team.place, 'outcome')).toMatch(/^Updated /);
  });

  test('survives a bad gateway, a rate limit and a lost answer', async () => {
    const team = await finishedTeam(remote);
    hosting.failures.push(
      { status: 502 },
      {
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit' },
      },
    );
    expect((await deliver(team, 'create-pr', hosting.url)).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);

    const lost = await finishedTeam(remote, 'echo five > a.txt');
    hosting.pulls.length = 0;
    hosting.failures.push({ status: 200, body: [] }, { status: 502, after: true });
    expect((await deliver(lost, 'create-pr', hosting.url)).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);
  });

  test('a rate limit that lasts longer than a step waits is for another attempt', async () => {
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

  test('GitHub Enterprise is the same below its own path', async () => {
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

  test('a reviewer that it does not know is a note, not a failure', async () => {
    const team = await finishedTeam(remote);
    const { result } = await deliver(team, 'create-pr', hosting.url, ['nobody']);
    expect(result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain('nobody could not be asked to review');
  });

  test('a token that it refuses is for a person to put right', async () => {
    const team = await finishedTeam(remote);
    await mountSecret(team.place, 'hosting', { token: 'wrong' });
    const { result, log } = await deliver(team, 'create-pr', hosting.url);
    expect(result).toBe(68);
    expect(log).toContain('GitHub refused the pull request for acme/backend (401)');
  });

  test('a host that is no known service is named', async () => {
    const team = await finishedTeam(remote);
    const { result, log } = await deliver(team, 'create-pr');
    expect(result).toBe(64);
    expect(log).toContain('AGENTTEAM_HOSTING_URL');
  });
});
