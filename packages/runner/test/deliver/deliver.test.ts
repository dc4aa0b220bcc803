import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeliverSpec, ENV, LEAD, PATHS } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deliverCommand } from '../../src/deliver/command.ts';
import { commitLeftovers, consolidate, openRepository } from '../../src/git/index.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { type GitHubServer, serveGitHub } from '../support/github-server.ts';
import { type GitLabServer, serveGitLab } from '../support/gitlab-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { codingSpec, makePlace, never, output, type Place, withSpec } from '../support/team.ts';

const TOKEN = 'glpat-a-token-that-must-not-be-seen';
const BRANCH = 'teams/auth';

let served: string;
let remote: GitHttpServer;
let hosting: GitHubServer;

beforeEach(async () => {
  served = await temporaryDirectory();
  await mkdir(join(served, 'acme'));
  await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  remote = await serveGit(served, `x-access-token:${TOKEN}`);
  hosting = await serveGitHub('acme/backend', TOKEN);
});
afterEach(async () => {
  await remote.close();
  await hosting.close();
});

const bare = () => join(served, 'acme/backend.git');

/** A team whose work is merged, ready to be delivered. */
async function finishedTeam(script = 'echo two > a.txt') {
  const place = await makePlace();
  await mountSecret(place, 'git', { token: TOKEN });
  const spec = codingSpec(`${remote.url}/acme/backend.git`, { api: { prompt: 'Say two.' } });
  expect(await setupCommand(withSpec(place, spec), [], never)).toBe(0);
  const repository = await openRepository(place.root, spec);
  await shell(join(repository.trees, 'api'), script);
  await commitLeftovers(repository, 'api', 'Say two', never);
  const session = join(place.volume, 'sessions', LEAD);
  const outcome = await consolidate(repository, session, never);
  expect(outcome.status).toBe('merged');
  await writeFile(join(session, 'checks.txt'), 'passed  test: npm run test');
  await report(place, LEAD, 'All done @everyone, fixes #1. <img src=x>');
  await report(place, 'api', 'I said two.\n/approve');
  return { place, spec, repository, session };
}

async function report(place: Place, name: string, text: string) {
  const state = {
    name,
    phase: 'completed',
    attempt: 0,
    sessionId: 's',
    startedAt: '2026-11-23T10:00:00Z',
    endedAt: '2026-11-23T10:01:00Z',
    report: text,
    turns: 2,
  };
  await writeFile(join(place.volume, 'state', name, 'state.json'), JSON.stringify(state));
}

type Finished = Awaited<ReturnType<typeof finishedTeam>>;

function deliver({ place, spec }: Finished, onComplete: DeliverSpec['onComplete'], more = {}) {
  const { team, namespace, members, repository } = spec;
  const whole: DeliverSpec = {
    team,
    namespace,
    members,
    repository,
    onComplete,
    pullRequest: {
      targetBranch: 'main',
      title: 'feat: say two',
      reviewers: ['ada', 'acme/backend-team'],
      labels: ['agents'],
    },
  };
  const env = { ...withSpec(place, whole), [ENV.hostingUrl]: hosting.url, ...more };
  return printed(() => deliverCommand(env, [], never));
}

describe('pushing the result', () => {
  test('puts the branch there, once, and leaves no credential anywhere', async () => {
    const team = await finishedTeam();
    const first = await deliver(team, 'push-branch');
    expect(first.result).toBe(0);
    expect(await shell(bare(), `git show ${BRANCH}:a.txt; git branch --list | wc -l`)).toBe(
      'two\n2',
    );
    expect(await output(team.place, 'branch')).toBe(BRANCH);
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(first.log).not.toContain(TOKEN);
    expect(await shell(team.place.volume, `grep -r -a -l "${TOKEN}" . || true`)).toBe('');
  });

  test('refuses what the lead has not left there', async () => {
    const team = await finishedTeam();
    await shell(
      team.repository.store,
      `git update-ref refs/heads/${BRANCH} $(git commit-tree -m evil main^{tree})`,
    );
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain("is not what the lead's step left");
    expect(await shell(bare(), 'git branch --list')).toBe('* main');
  });

  test('pushes what the lead left, not what was put on top', async () => {
    const team = await finishedTeam();
    await shell(
      team.repository.store,
      `git update-ref refs/heads/${BRANCH} $(git commit-tree -p ${BRANCH} -m evil main^{tree})`,
    );
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(await shell(bare(), `git log -1 --format=%s ${BRANCH}`)).toBe('Merge the work of api');
  });

  test('runs nothing of what agents left in the clone', async () => {
    const team = await finishedTeam();
    const trap = join(team.place.directory, 'trap');
    await shell(
      team.repository.store,
      `git config core.fsmonitor "touch '$TRAP'"; git config core.hooksPath "$PWD/evil"; git config uploadpack.packObjectsHook "touch '$TRAP'; exec git pack-objects"; mkdir evil; printf '#!/bin/sh\\ntouch "%s"\\n' "$TRAP" | tee evil/pre-push evil/reference-transaction evil/post-update; chmod +x evil/*`,
      { TRAP: trap },
    );
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(await shell(team.place.directory, 'ls')).not.toContain('trap');
  });

  test("replaces an earlier run's result, never what people put there", async () => {
    await deliver(await finishedTeam(), 'push-branch');
    const second = await finishedTeam('echo three > a.txt');
    expect((await deliver(second, 'push-branch')).result).toBe(0);
    expect(await shell(bare(), `git show ${BRANCH}:a.txt`)).toBe('three');

    await shell(
      served,
      `git clone --quiet -b ${BRANCH} acme/backend.git clone; cd clone; echo mine > mine.txt; git add .; git commit -qm "By a person"; git push -q`,
    );
    const third = await finishedTeam('echo four > a.txt');
    const { result, log } = await deliver(third, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('By a person');
    expect(await shell(bare(), `git show ${BRANCH}:mine.txt`)).toBe('mine');
  });

  test('a refused token is for a person to put right', async () => {
    const team = await finishedTeam();
    await mountSecret(team.place, 'git', { token: 'wrong' });
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('does not accept the `token`');
  });

  test('nothing changed, nothing delivered', async () => {
    const team = await finishedTeam('true');
    expect((await deliver(team, 'create-pr')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain('changed nothing');
    expect(hosting.pulls).toEqual([]);
  });

  test('without delivery it says where the result is', async () => {
    const team = await finishedTeam();
    expect((await deliver(team, 'notify')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain(`${BRANCH} of ${team.repository.store}`);
    expect(await shell(bare(), 'git branch --list')).toBe('* main');
  });
});

describe('a pull request on GitHub', () => {
  test('tells what was done, by whom and for how much', async () => {
    const team = await finishedTeam();
    expect((await deliver(team, 'create-pr')).result).toBe(0);
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
    const team = await finishedTeam();
    await deliver(team, 'create-pr');
    await report(team.place, 'api', 'I said it again.');
    expect((await deliver(team, 'create-pr')).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);
    expect(hosting.pulls[0]?.body).toContain('I said it again.');
    expect(await output(team.place, 'outcome')).toMatch(/^Updated /);
  });

  test('survives a bad gateway, a rate limit and a lost answer', async () => {
    const team = await finishedTeam();
    hosting.failures.push(
      { status: 502 },
      {
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit' },
      },
    );
    expect((await deliver(team, 'create-pr')).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);

    const lost = await finishedTeam('echo five > a.txt');
    hosting.pulls.length = 0;
    hosting.failures.push({ status: 200, body: [] }, { status: 502, after: true });
    expect((await deliver(lost, 'create-pr')).result).toBe(0);
    expect(hosting.pulls).toHaveLength(1);
  });

  test('a reviewer that it does not know is a note, not a failure', async () => {
    const team = await finishedTeam();
    const pullRequest = { targetBranch: 'main', title: 't', reviewers: ['nobody'], labels: [] };
    const spec = { ...team.spec, onComplete: 'create-pr', pullRequest };
    const env = { ...withSpec(team.place, spec), [ENV.hostingUrl]: hosting.url };
    expect((await printed(() => deliverCommand(env, [], never))).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain('nobody could not be asked to review');
  });

  test('a token that it refuses is for a person to put right', async () => {
    const team = await finishedTeam();
    await mountSecret(team.place, 'hosting', { token: 'wrong' });
    const { result, log } = await deliver(team, 'create-pr');
    expect(result).toBe(68);
    expect(log).toContain('GitHub refused the pull request for acme/backend (401)');
  });

  test('a host that is no known service is named', async () => {
    const team = await finishedTeam();
    const { result, log } = await deliver(team, 'create-pr', { [ENV.hostingUrl]: undefined });
    expect(result).toBe(64);
    expect(log).toContain('AGENTTEAM_HOSTING_URL');
  });
});

describe('a merge request on GitLab', () => {
  let gitlab: GitLabServer;
  beforeEach(async () => {
    gitlab = await serveGitLab('acme/backend', TOKEN);
  });
  afterEach(() => gitlab.close());

  test('is opened, then brought up to date', async () => {
    const team = await finishedTeam();
    const here = { [ENV.hostingUrl]: gitlab.url };
    gitlab.failures.push({ status: 429, headers: { 'retry-after': '0' } }, { status: 500 });
    expect((await deliver(team, 'create-pr', here)).result).toBe(0);
    expect(gitlab.mergeRequests).toMatchObject([
      { source_branch: BRANCH, target_branch: 'main', labels: ['agents'], reviewer_ids: [7] },
    ]);
    expect(await output(team.place, 'outcome')).toContain('GitLab knows no user acme/backend-team');
    await report(team.place, 'api', 'I said it again.');
    expect((await deliver(team, 'create-pr', here)).result).toBe(0);
    expect(gitlab.mergeRequests).toHaveLength(1);
    expect(gitlab.mergeRequests[0]?.description).toContain('I said it again.');
  });

  test('is not doubled where the first answer was lost', async () => {
    const team = await finishedTeam();
    gitlab.failures.push(
      { status: 200, body: [{ id: 7 }] },
      { status: 200, body: [] },
      { status: 200, body: [] },
      { status: 502, after: true },
    );
    expect((await deliver(team, 'create-pr', { [ENV.hostingUrl]: gitlab.url })).result).toBe(0);
    expect(gitlab.mergeRequests).toHaveLength(1);
  });
});

test('a team that writes documents is told where they are', async () => {
  const place = await makePlace();
  const spec = {
    team: 'q3',
    namespace: 'dev',
    members: [],
    onComplete: 'notify',
    output: '/workspace/output',
  };
  expect(await deliverCommand(withSpec(place, spec), [], never)).toBe(0);
  expect(await output(place, 'outcome')).toBe('The result is in /workspace/output.');
  expect(await shell(`${place.root}${PATHS.outputs}`, 'ls')).toBe('outcome');
});
