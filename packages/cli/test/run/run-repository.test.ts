import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { compileText } from '@agentteam/compiler';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { runRepository } from '../../src/run/run-repository.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: demo }
spec:
  repository: { url: "https://github.com/acme/app.git" }
  lead: { prompt: Lead. }
  teammates: [{ name: one, prompt: Work. }]
`;

test('a real run refuses a plain directory before it starts', async () => {
  const cwd = await temporary();
  const found = runRepository(compileText(TEAM).compiled?.team as AgentTeam, {
    given: '.',
    cwd,
    teamFile: join(cwd, 'team.yaml'),
    runDirectory: join(cwd, 'run'),
    rehearsal: false,
    env: process.env,
  });
  await expect(found).rejects.toMatchObject({ message: `${cwd} is not a git repository` });
});

test('a URL without https:// is not mistaken for a directory', async () => {
  const cwd = await temporary();
  const found = runRepository(compileText(TEAM).compiled?.team as AgentTeam, {
    given: 'github.com/acme/app',
    cwd,
    teamFile: join(cwd, 'team.yaml'),
    runDirectory: join(cwd, 'run'),
    rehearsal: true,
    env: process.env,
  });
  await expect(found).rejects.toMatchObject({
    hint: 'For a repository on a server, write https://github.com/acme/app',
  });
});

test('a rehearsal on a plain directory says that it uses a copy of its files', async () => {
  const cwd = await temporary();
  await mkdir(join(cwd, 'plain'));
  await writeFile(join(cwd, 'plain', 'a.txt'), 'a');
  const found = await runRepository(compileText(TEAM).compiled?.team as AgentTeam, {
    given: 'plain',
    cwd,
    teamFile: join(cwd, 'team.yaml'),
    runDirectory: join(cwd, 'run'),
    rehearsal: true,
    env: process.env,
  });
  expect(found.url).toBe(join(cwd, 'run', 'remote', 'acme', 'app.git'));
  expect(found.notes).toEqual([
    `Repository: ${join(cwd, 'plain')} is not a git repository; the rehearsal uses a copy of its files`,
  ]);
});

describe('a repository whose HEAD leads to no branch', () => {
  const checkout = async (command: string, rehearsal: boolean, text = TEAM) => {
    const cwd = await temporary();
    const shell =
      'git init -q -b main own && cd own && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a';
    await execa('bash', ['-c', `${shell} && ${command}`], { cwd });
    const found = runRepository(compileText(text).compiled?.team as AgentTeam, {
      ...{ given: 'own', cwd, teamFile: join(cwd, 'team.yaml'), rehearsal, env: process.env },
      runDirectory: join(cwd, 'run'),
    });
    return { own: join(cwd, 'own'), found };
  };

  test.each([
    ['git checkout -q --detach', true, 'its HEAD is detached'],
    ['git checkout -q --detach', false, 'its HEAD is detached'],
    ['git checkout -q --orphan new', true, 'its branch new has no commit'],
  ])('%s (rehearsal: %s) is named as the user knows it', async (command, rehearsal, why) => {
    const { own, found } = await checkout(command, rehearsal);
    await expect(found).rejects.toMatchObject({
      message: `the repository ${own} has no branch to start from, because ${why}`,
      hint: expect.stringMatching(/git -C .*own'? switch main\n.*: main$/),
    });
  });

  test.each([
    ['rm -rf .git && git init -q .', TEAM],
    ['rm -rf .git && git init -q --bare .', TEAM.replace('app.git"', 'app.git", branch: main')],
  ])('a real run without any commit is refused before it starts (%s)', async (command, text) => {
    const { own, found } = await checkout(command, false, text);
    await expect(found).rejects.toMatchObject({
      message: `the repository ${own} has no branch with a commit`,
    });
  });

  test('is no problem for a team that names its branch', async () => {
    const text = TEAM.replace('app.git"', 'app.git", branch: main');
    const { found } = await checkout('git checkout -q --detach', true, text);
    expect((await found).notes).toEqual([]);
  });
});
