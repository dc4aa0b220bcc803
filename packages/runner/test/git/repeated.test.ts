import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { discardOwnRepository } from '../../src/git/own-repository.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { shell } from '../support/shell.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

test('a repeated agent continues from its work on top of that of its dependencies', async () => {
  const team = await makeCodingTeam(
    { 'README.md': 'one\n' },
    { api: {}, tests: { dependsOn: ['api'] } },
  );
  const { repository } = team;
  for (const name of ['api', 'tests']) {
    await prepareWorktree(repository, name, never);
    await shell(
      team.tree(name),
      `echo ${name} > ${name}.txt; git add .; git commit -qm "Add ${name}"`,
    );
    await handOverWork(repository, name);
    await discardOwnRepository(repository, name);
  }

  // Without the work of its dependency, an attempt fails; the next one must not begin without its own.
  const work = join(repository.state, 'api');
  await rename(work, `${work}.away`);
  await expect(prepareWorktree(repository, 'tests', never)).rejects.toThrow('cannot be used');
  await rename(`${work}.away`, work);

  await prepareWorktree(repository, 'tests', never);
  const log = await shell(team.tree('tests'), 'git log --format=%s; git status --porcelain; ls');
  expect(log.split('\n')).toEqual([
    'Add tests',
    'Add api',
    'The beginning',
    'README.md',
    'api.txt',
    'tests.txt',
  ]);
});
