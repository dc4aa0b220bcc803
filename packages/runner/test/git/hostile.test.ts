import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  commitLeftovers,
  consolidate,
  prepareAgentGit,
  prepareWorktree,
  scopeViolations,
} from '../../src/git/index.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never } from '../support/team.ts';

/** Every way in which a repository's configuration, hooks or attributes could run a program. */
const PLANT = `
run() { printf "touch '%s/%s'" "$TRAP" "$1"; }
config() { git config --file "$STORE/config" "$1" "$2"; }
config core.fsmonitor "$(run fsmonitor)"
config core.sshCommand "$(run ssh)"
config core.pager "$(run pager)"
config core.editor "$(run editor)"
config core.hooksPath "$STORE/hooks"
config diff.external "$(run external)"
config credential.helper "!$(run helper)"
config gpg.program "$TRAP/gpg"
config commit.gpgSign true
config filter.evil.clean "$(run clean); cat"
config filter.evil.smudge "$(run smudge); cat"
config filter.evil.process "$(run process)"
config merge.evil.driver "$(run driver)"
config diff.evil.textconv "$(run textconv)"
config alias.status "!$(run alias)"
config include.path "$STORE/included"
config remote.origin.url "ext::$(run remote)"
config remote.origin.promisor true
printf '[core]\\nfsmonitor = "%s"\\n' "$(run included)" > "$STORE/included"
mkdir -p "$STORE/hooks" "$STORE/info"
for hook in pre-commit commit-msg post-commit post-checkout post-merge pre-merge-commit reference-transaction post-index-change prepare-commit-msg; do
  printf '#!/bin/sh\\n%s\\n' "$(run "$hook")" > "$STORE/hooks/$hook"
  chmod +x "$STORE/hooks/$hook"
done
echo '* filter=evil merge=evil diff=evil' > "$STORE/info/attributes"
`;

test('nothing that agents plant in the clone runs in our git', async () => {
  const team = await makeCodingTeam(
    { 'src/a.txt': 'one\n' },
    { api: { scope: include('src/') }, web: {} },
  );
  const trap = join(team.directory, 'trap');
  const env = { TRAP: trap, STORE: team.repository.store };
  await shell(team.directory, 'mkdir "$TRAP"', env);
  const plant = () => shell(team.directory, PLANT, env);

  await plant();
  await prepareWorktree(team.repository, 'api', never);
  await shell(
    team.tree('api'),
    'echo two > src/a.txt; echo "* filter=evil merge=evil" > src/.gitattributes',
  );
  await plant();
  await commitLeftovers(team.repository, 'api', 'api', never);
  await shell(team.tree('web'), 'echo x > web.txt');
  await plant();
  await commitLeftovers(team.repository, 'web', 'web', never);
  await plant();
  expect(await scopeViolations(team.repository, 'api', never)).toEqual([]);
  await plant();
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged', merged: ['api', 'web'] });
  expect(await readdir(trap)).toEqual([]);
  // The traps are real: a plain git in the same tree walks into them.
  await plant();
  await shell(team.tree('web'), 'git status > /dev/null 2>&1 || true');
  expect(await readdir(trap)).not.toEqual([]);
});

test("a tree's own .git does not lead our git elsewhere", async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  const trap = join(team.directory, 'trap');
  const tree = team.tree('api');
  await shell(
    tree,
    'rm .git; git init -q; git config core.fsmonitor "touch \\"$TRAP\\""; echo two > a.txt',
    { TRAP: trap },
  );
  await commitLeftovers(team.repository, 'api', 'api', never);
  expect(await shell(team.repository.store, 'git show agents/auth/api:a.txt')).toBe('two');
  expect(await readdir(team.directory)).not.toContain('trap');
  await prepareWorktree(team.repository, 'api', never);
  expect(await shell(tree, 'git branch --show-current')).toBe('agents/auth/api');
});

test("another agent's hooks do not run in an agent's own git, its own trailers do", async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  const trap = join(team.directory, 'trap');
  await shell(
    team.directory,
    `mkdir "$TRAP"; ${PLANT}
git config --file "$STORE/config" --remove-section filter.evil`,
    {
      TRAP: trap,
      STORE: team.repository.store,
    },
  );
  const variables = await prepareAgentGit(join(team.directory, 'own hooks'), team.spec, 'api');
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam "Say two"', variables);
  expect(await readdir(trap)).toEqual([]);
  expect(await shell(team.tree('api'), 'git log -1 --format="%an|%B"')).toBe(
    'api|Say two\n\nAgent-Team: dev/auth\nAgent: api\n',
  );
});

test('locks that a killed git left do not stop the next attempt', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.repository.store, 'touch worktrees/api/index.lock worktrees/api/HEAD.lock');
  await prepareWorktree(team.repository, 'api', never);
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam two');
  expect(await shell(team.tree('api'), 'git log -1 --format=%s')).toBe('two');
});

test('history that is replaced or grafted is not what is looked at', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: { scope: include('src/') } });
  await shell(
    team.tree('api'),
    'echo two > a.txt; git commit -qam two; git replace HEAD HEAD~1; mkdir -p "$STORE/info"; git rev-parse HEAD > "$STORE/info/grafts"',
    { STORE: team.repository.store },
  );
  expect(await scopeViolations(team.repository, 'api', never)).toMatchObject([{ path: 'a.txt' }]);
});
