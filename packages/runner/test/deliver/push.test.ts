import { join } from 'node:path';
import { EXIT, PATHS, VOLUME } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deliverCommand } from '../../src/deliver/command.ts';
import { mountSecret } from '../support/secret.ts';
import { shell } from '../support/shell.ts';
import { makePlace, never, output, withSpec } from '../support/team.ts';
import { leadReports } from '../support/work.ts';
import {
  BRANCH,
  deliver,
  finishedTeam,
  type Remote,
  serveRemote,
  TOKEN,
} from './support/delivery.ts';

let remote: Remote;
beforeEach(async () => {
  remote = await serveRemote();
});
afterEach(() => remote.git.close());

describe('pushing the result', () => {
  test('puts the branch there, once, and leaves no credential anywhere', async () => {
    const team = await finishedTeam(remote);
    const first = await deliver(team, 'push-branch');
    expect(first.result).toBe(0);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt; git branch --list | wc -l`)).toBe(
      'two\n2',
    );
    expect(await output(team.place, 'branch')).toBe(BRANCH);
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(first.log).not.toContain(TOKEN);
    expect(await shell(team.place.volume, `grep -r -a -l "${TOKEN}" . || true`)).toBe('');
  });

  test("replaces an earlier run's result, never what people put there", async () => {
    await deliver(await finishedTeam(remote), 'push-branch');
    const second = await finishedTeam(remote, 'echo three > a.txt');
    expect((await deliver(second, 'push-branch')).result).toBe(0);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt`)).toBe('three');

    await shell(
      remote.served,
      `git clone --quiet -b ${BRANCH} acme/backend.git clone; cd clone; echo mine > mine.txt; git add .; git commit -qm "By a person"; git push -q`,
    );
    const third = await finishedTeam(remote, 'echo four > a.txt');
    const { result, log } = await deliver(third, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('By a person');
    expect(await shell(remote.bare, `git show ${BRANCH}:mine.txt`)).toBe('mine');
  });

  test.each([
    [
      "printf '#!/bin/sh\\necho Ask ada first; exit 1\\n' > hooks/pre-receive; chmod +x hooks/pre-receive",
      /did not take the branch teams\/auth: pre-receive hook declined\.\nAsk ada first\n/,
    ],
    ['git branch teams', /has a branch teams, beside which git cannot have the branch teams\/auth/],
  ])('what the remote says is the cause, at once and without advice: %s', async (script, words) => {
    const team = await finishedTeam(remote);
    await shell(remote.bare, script);
    const started = Date.now();
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toMatch(words);
    expect(log).not.toMatch(/hint|graft|protected/);
    // A name that is taken does not become free by waiting.
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test('a refused token is for a person to put right', async () => {
    const team = await finishedTeam(remote);
    await mountSecret(team.place, 'git', { token: 'wrong' });
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('does not accept the `token`');
  });

  test('nothing changed, nothing delivered', async () => {
    const team = await finishedTeam(remote, 'true');
    expect((await deliver(team, 'create-pr')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain('changed nothing');
  });

  test('a lead that reported nothing to do has nothing pushed, and its reason is told', async () => {
    const team = await finishedTeam(remote);
    const reason = 'The bug was fixed upstream.';
    const reported = { outcome: 'nothing-to-do', summary: 'I looked.', reason } as const;
    await leadReports(team.repository.state, reported);
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toBe(
      `Nothing was delivered: the lead reported that there was nothing to do. ${reason}`,
    );
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
  });

  test('without a report of the lead nothing leaves, however the step came to run', async () => {
    const team = await finishedTeam(remote);
    await leadReports(team.repository.state);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(EXIT.unreported);
    expect(log).toContain('the lead did not report how the team ended');
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
  });

  test('without delivery it says where the result is', async () => {
    const team = await finishedTeam(remote);
    expect((await deliver(team, 'notify')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain(
      `${BRANCH} of ${team.repository.directory}/result.git`,
    );
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
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
  await leadReports(join(place.volume, VOLUME.state), { outcome: 'completed', summary: 'Done.' });
  expect(await deliverCommand(withSpec(place, spec), [], never)).toBe(0);
  expect(await output(place, 'outcome')).toBe('The result is in /workspace/output.');
  expect(await shell(`${place.root}${PATHS.outputs}`, 'ls')).toBe('outcome');
});
