import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actsOn, NOTHING } from '../support/acts-on.ts';
import { type GitLabServer, serveGitLab } from '../support/gitlab-server.ts';
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
let gitlab: GitLabServer;
beforeEach(async () => {
  remote = await serveRemote();
  gitlab = await serveGitLab('acme/backend', TOKEN);
});
afterEach(async () => {
  await remote.git.close();
  await gitlab.close();
});

describe('a merge request on GitLab', () => {
  test('is opened, then updated', async () => {
    const team = await finishedTeam(remote);
    gitlab.failures.push({ status: 429, headers: { 'retry-after': '0' } }, { status: 500 });
    expect((await deliver(team, 'create-pr', gitlab.url)).result).toBe(0);
    expect(gitlab.mergeRequests).toMatchObject([
      { source_branch: BRANCH, target_branch: 'main', labels: ['agents'], reviewers: [{ id: 7 }] },
    ]);
    expect(await output(team.place, 'outcome')).toContain(
      'No review could be requested from acme/backend-team: GitLab has no such user',
    );
    await report(team.place, 'api', 'I said it again.');
    gitlab.mergeRequests[0]?.reviewers.push({ id: 8 });
    expect((await deliver(team, 'create-pr', gitlab.url)).result).toBe(0);
    expect(gitlab.mergeRequests).toHaveLength(1);
    expect(gitlab.mergeRequests[0]?.description).toContain('I said it again.');
    expect(gitlab.mergeRequests.map(({ description }) => actsOn(description))).toEqual([NOTHING]);
    // Reviewers that people have added are kept.
    expect(gitlab.mergeRequests[0]?.reviewers).toEqual([{ id: 7 }, { id: 8 }]);
  });

  test('is not opened again by an attempt after a killed one, if a person has merged it meanwhile', async () => {
    gitlab.commitOf = (branch) =>
      execFileSync('git', ['rev-parse', branch], { cwd: remote.bare, encoding: 'utf8' }).trim();
    const team = await finishedTeam(remote);
    await deliver(team, 'create-pr', gitlab.url);
    Object.assign(gitlab.mergeRequests[0] ?? {}, { state: 'merged' });
    expect((await deliver(team, 'create-pr', gitlab.url)).result).toBe(0);
    expect(gitlab.mergeRequests).toHaveLength(1);
    expect(await output(team.place, 'outcome')).toContain(
      'has this result already, and was merged',
    );
    expect(await output(team.place, 'pull-request-state')).toBe('merged');
  });

  test('is opened even if no reviewer can be looked up', async () => {
    const team = await finishedTeam(remote);
    const refused = { status: 403, body: { message: '403 Forbidden' } };
    gitlab.failures.push(refused, refused);
    expect((await deliver(team, 'create-pr', gitlab.url)).result).toBe(0);
    expect(gitlab.mergeRequests).toMatchObject([{ reviewers: [] }]);
    expect(await output(team.place, 'outcome')).toContain('No review could be requested from ada');
  });

  test('distinguishes a refusal from an outage', async () => {
    const team = await finishedTeam(remote);
    const empty = { status: 200, body: [] };
    gitlab.failures.push(empty, empty, empty, { status: 403, body: { message: '403 Forbidden' } });
    const { result, log } = await deliver(team, 'create-pr', gitlab.url);
    expect(result).toBe(68);
    expect(log).toContain('GitLab refused the merge request for acme/backend (403)');
  });

  test('is opened only once, even if the first answer is lost', async () => {
    const team = await finishedTeam(remote);
    gitlab.failures.push(
      { status: 200, body: [{ id: 7 }] },
      { status: 200, body: [] },
      { status: 200, body: [] },
      { status: 502, after: true },
    );
    expect((await deliver(team, 'create-pr', gitlab.url)).result).toBe(0);
    expect(gitlab.mergeRequests).toHaveLength(1);
  });
});
