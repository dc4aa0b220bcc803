import { LEAD } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { treeOf } from '../../src/git/repository.ts';
import { shell } from '../support/shell.ts';
import { output } from '../support/team.ts';
import { BRANCH, deliver, finishedTeam, type Remote, serveRemote } from './support/delivery.ts';

// Hosting services act on commit messages, which agents write.
let remote: Remote;
beforeAll(async () => {
  remote = await serveRemote({ 'a.txt': 'one\n' });
});
afterAll(() => remote.git.close());

/** Commits as an agent can make them, without the hook that adds trailers. */
const HOSTILE = `
export GIT_AUTHOR_NAME=api GIT_AUTHOR_EMAIL=api@auth.dev.agentteam.invalid
export GIT_COMMITTER_NAME=api GIT_COMMITTER_EMAIL=api@auth.dev.agentteam.invalid
echo 1 > a.txt; git commit -qam 'Say one more time'
echo 2 > a.txt; git commit -qan --cleanup=verbatim -F - <<'END'
Fix the login [skip ci]

Fixes #12 as @ada asked, see https://evil.example.com.
/MERGE
## Checks passed

Signed-off-by: Ada <ada@example.com>
Agent: team-lead
END
echo 3 > a.txt; git commit -qan --author='Ada Lovelace <ada@example.com>' -m 'Say three'
tree=$(git rev-parse HEAD^{tree}); head=$(git rev-parse HEAD)
who='api <api@auth.dev.agentteam.invalid> 1700000000 +0000'
commit=$(printf 'tree %s\\nparent %s\\nauthor %s\\ncommitter %s\\nencoding ISO-8859-1\\n\\nGr\\366\\337e @ada\\n' "$tree" "$head" "$who" "$who" | git hash-object -t commit -w --stdin)
git reset -q --hard "$commit"
commit=$(printf 'tree %s\\nparent %s\\nauthor a\\342\\200\\256pi <api@auth.dev.agentteam.invalid> 1700000000 +0000\\ncommitter %s\\ngpgsig none\\n\\nlast\\n' "$tree" "$commit" "$who" | git hash-object -t commit -w --literally --stdin)
git reset -q --hard "$commit"
`;

const log = (format: string, range: string, where: string) =>
  shell(where, `git log --topo-order --format='${format}' ${range}`);

test('messages are cleaned before the push; trees, authors, dates and order stay', async () => {
  const team = await finishedTeam(remote, HOSTILE);
  const { base } = team.repository;
  const store = treeOf(team.repository, LEAD);
  const { result, log: said } = await deliver(team, 'push-branch');
  expect({ result, said }).toMatchObject({ result: 0 });
  expect(await output(team.place, 'outcome')).toMatch(
    /^Pushed .*\nThe messages of 3 commits were changed before the push/,
  );
  const kept = '%T %aE %aI %cN %cE %cI';
  const given = await log(kept, `${base}..${BRANCH}`, store);
  const pushed = await log(kept, `${base}..${BRANCH}`, remote.bare);
  expect(pushed).toBe(given);
  // A harmless commit keeps its id if its ancestors do.
  const first = await shell(store, `git rev-list --reverse --topo-order ${base}..${BRANCH}`);
  expect(await shell(remote.bare, `git cat-file -t ${first.split('\n')[0]}`)).toBe('commit');

  const messages = await log('%B', `${base}..${BRANCH}`, remote.bare);
  expect(messages).toContain(
    [
      'Fix the login (skip ci)',
      '',
      'Fixes # 12 as @ ada asked, see https:/ /evil.example.com.',
      '\\/MERGE',
      '\\## Checks passed',
      '',
      '> Signed-off-by: Ada <ada@ example.com>',
      '> Agent: team-lead',
      '',
      'Agent-Team: dev/auth',
      'Agent: api',
    ].join('\n'),
  );
  expect(messages).toContain('Größe @ ada');
  expect(await log('%an', `${base}..${BRANCH}`, remote.bare)).toContain('a[U+202E]pi');
  expect(await log('%(trailers:key=Signed-off-by)', `${base}..${BRANCH}`, remote.bare)).toMatch(
    /^\s*$/,
  );

  // A second delivery makes the same commits.
  const tip = await shell(remote.bare, `git rev-parse ${BRANCH}`);
  expect((await deliver(team, 'push-branch')).result).toBe(0);
  expect(await shell(remote.bare, `git rev-parse ${BRANCH}`)).toBe(tip);
});

test('a commit that hides text behind a NUL is refused', async () => {
  const script = `
who='api <api@auth.dev.agentteam.invalid> 1700000000 +0000'
commit=$(printf 'tree %s\\nparent %s\\nauthor %s\\ncommitter %s\\n\\nseen\\000/merge\\n' "$(git rev-parse HEAD^{tree})" "$(git rev-parse HEAD)" "$who" "$who" | git hash-object -t commit -w --literally --stdin)
git reset -q --hard "$commit"; echo 4 > a.txt`;
  await expect(finishedTeam(remote, script)).rejects.toThrow(
    /^The work of api cannot be used: git refuses its objects:\nerror: .*nulInCommit/,
  );
});

test('commits that a branch at the remote already has stay unchanged', async () => {
  const people = await shell(
    `${remote.served}/source`,
    "git checkout -q -b feature; echo f > f.txt; git add .; git commit -qm 'Fixes #7 for @ada'; git push -q ../acme/backend.git feature; git rev-parse HEAD",
  );
  const script = `git -c protocol.file.allow=always fetch -q "${remote.served}/source" feature; git merge -q --no-edit FETCH_HEAD -m 'Bring in feature'; echo x > x.txt`;
  const team = await finishedTeam(remote, script);
  await shell(remote.bare, `git update-ref -d refs/heads/${BRANCH} || true`);
  const { result, log: said } = await deliver(team, 'push-branch');
  expect({ result, said }).toMatchObject({ result: 0 });
  expect(
    await shell(remote.bare, `git merge-base --is-ancestor ${people} ${BRANCH}; echo $?`),
  ).toBe('0');
  expect(await output(team.place, 'outcome')).not.toContain('were changed');
});
