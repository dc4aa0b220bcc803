import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inBase } from '../../src/git/options.ts';
import { withRemoteAccess } from '../../src/git/remote/access.ts';
import { pushToResultBranch } from '../../src/git/remote/push.ts';
import type { TeamRepository } from '../../src/git/repository.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';
import { never } from '../support/team.ts';
import { BRANCH, finishedTeam, type Remote, serveRemote } from './support/delivery.ts';

let remote: Remote;
beforeEach(async () => {
  remote = await serveRemote();
});
afterEach(() => remote.git.close());

/** Pushes the base to a repository of this machine, first as setup tries it, and then as `Deliver` does. */
async function push(repository: TeamRepository, path = remote.bare): Promise<void> {
  const options = inBase(repository, never);
  await withRemoteAccess({}, path, '', async (access) => {
    for (const dryRun of [true, false]) {
      const result = { commit: repository.base, remoteTip: undefined, dryRun };
      await pushToResultBranch(repository, result, access, options);
    }
  });
}

describe('a push to a repository of this machine', () => {
  test('runs no program that the repository names', async () => {
    const marks = await temporaryDirectory();
    const { repository } = await finishedTeam(remote);
    await shell(
      remote.bare,
      `mkdir own; mark() { printf '#!/bin/sh\ntouch "%s/%s"\n' '${marks}' "$1" > own/$1; chmod +x own/$1; }
for name in pre-receive update post-receive reference-transaction alternates configured; do mark $name; done
git init --quiet --bare other.git; echo "$PWD/other.git/objects" > objects/info/alternates
git config core.hooksPath "$PWD/own"; git config core.alternateRefsCommand "'$PWD/own/alternates'"
printf '[hook "a.b=c '"'"'d"]\n\tevent = pre-receive\n\tcommand = %s\n' "'$PWD/own/configured'" > more
git config include.path "$PWD/more"`,
    );
    await push(repository);
    expect(await shell(remote.bare, `git rev-parse ${BRANCH}`)).toBe(repository.base);
    expect(await shell(marks, 'ls')).toBe('');
    await shell(remote.served, `git -C source push --quiet '${remote.bare}' HEAD:refs/heads/other`);
    const ran = (await shell(marks, 'ls')).split('\n');
    // Hooks in the configuration are new in git 2.54.
    const isNew = /^git version 2\.(5[4-9]|[6-9][0-9])/.test(await shell(marks, 'git --version'));
    expect(ran).toHaveLength(isNew ? 6 : 5);
  });

  test.each([
    ['logs/refs/heads/teams', (home: string) => `ln -s '${home}' logs/refs/heads/teams`],
    [
      `logs/refs/heads/${BRANCH}`,
      (home: string) =>
        `mkdir logs/refs/heads/teams; ln -s '${home}/profile' logs/refs/heads/${BRANCH}`,
    ],
    ['refs/heads/teams', (home: string) => `ln -s '${home}' refs/heads/teams`],
    ['objects/ab', (home: string) => `rm -rf objects/ab; ln -s '${home}' objects/ab`],
    ['objects', (home: string) => `mv objects '${home}'; ln -s '${home}/objects' objects`],
    ['lfs/objects/ab', (home: string) => `mkdir -p lfs/objects; ln -s '${home}' lfs/objects/ab`],
    [
      'large/objects/ab/cd',
      (home: string) =>
        `git config lfs.storage large; mkdir -p large/objects/ab; ln -s '${home}' large/objects/ab/cd`,
    ],
  ])('follows no link in it: %s', async (link, plant) => {
    const home = await temporaryDirectory();
    const { repository } = await finishedTeam(remote);
    await shell(
      remote.bare,
      `echo '# mine' > '${home}/profile'; mkdir -p logs/refs/heads; ${plant(home)}
git config core.logAllRefUpdates always; git config user.name 'x; touch pwned; # y'`,
    );
    await expect(push(repository)).rejects.toMatchObject({
      exitCode: EXIT.refused,
      message: expect.stringContaining(`${join(remote.bare, link)} is a link`),
    });
    expect(await shell(home, 'cat profile; ls')).toMatch(/^# mine\n(objects\n)?profile$/);
  });

  test('goes to the repository that was checked, and not to one beside it', async () => {
    const { repository } = await finishedTeam(remote);
    await shell(
      remote.served,
      `git init --quiet .; mkdir -p named below/other; touch named/HEAD below/other/HEAD; ln -s below/other link
for name in named link; do git init --quiet --bare $name.git; done`,
    );
    for (const name of ['named', 'link']) {
      await expect(push(repository, join(remote.served, name))).rejects.toThrow();
      expect(await shell(join(remote.served, `${name}.git`), 'git branch --list')).toBe('');
    }
  });

  test('works with a linked worktree, and with a link to the repository', async () => {
    const { repository } = await finishedTeam(remote);
    await shell(
      remote.served,
      `git clone --quiet acme/backend.git clone; git -C clone worktree add --quiet ../tree -b other; ln -s tree link`,
    );
    await push(repository, join(remote.served, 'link'));
    expect(await shell(join(remote.served, 'clone'), `git rev-parse ${BRANCH}`)).toBe(
      repository.base,
    );
  });
});
