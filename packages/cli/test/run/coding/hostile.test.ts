// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, type CodingTeam, git, mate, REPORT, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();
const start = async (team: CodingTeam) => CodingRun.start(await temporary(), team);

const RESULT = 'teams/crew';

/** The names of the files below a directory. */
async function namesBelow(directory: string): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).map((path) => basename(path));
}

test("a teammate's changes cannot be merged as the lead's", async () => {
  // The teammate moves every branch of the lead that it finds to a commit outside its own scope.
  const attack = `
echo hello > new.md; git add new.md; git commit -qm "docs: new page"
G=$(git rev-parse --git-common-dir)
export GIT_INDEX_FILE=$(mktemp -d)/index
git read-tree HEAD~1
B=$(echo "planted" | git hash-object -w --stdin)
git update-index --add --cacheinfo 100644,$B,pay.js --cacheinfo 100644,$B,evil.yml
T=$(git write-tree); unset GIT_INDEX_FILE
export GIT_AUTHOR_NAME=team-lead GIT_AUTHOR_EMAIL=team-lead@crew.dev.agentteam.invalid
export GIT_COMMITTER_NAME=team-lead GIT_COMMITTER_EMAIL=team-lead@crew.dev.agentteam.invalid
E=$(git commit-tree $T -p HEAD~1 -m "Lead: small fixes")
mkdir -p "$G/worktrees/team-lead"
echo $E > "$G/worktrees/team-lead/HEAD"
for ref in refs/heads/agents/crew/team-lead refs/remotes/team/team-lead refs/heads/teams/crew refs/heads/main; do git update-ref $ref $E; done`;
  const run = await start({
    files: { 'pay.js': 'pay\n', 'a.txt': 'a\n' },
    spec: `
teammates:
  - { name: writer, prompt: Write the docs., scope: { includePaths: [new.md] } }
  - { name: coder, prompt: Write the code., scope: { includePaths: [a.txt] } }
`,
    agents: `${WAITING_LEAD}${mate('writer', attack)}${mate('coder', 'echo b > a.txt')}`,
  });
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const changed = await git(run.remote, 'diff', '--name-only', 'main', RESULT);
  expect(changed.split('\n')).toEqual(['a.txt', 'new.md']);
  expect(await git(run.remote, 'show', `${RESULT}:pay.js`)).toBe('pay');
});

test("a teammate's git configuration does not run commands for another teammate", async () => {
  const plant = `
G=$(git rev-parse --git-common-dir)
printf '[trailer "zz"]\\n\\tkey = "X: "\\n\\tcommand = "touch pwned-$GIT_AUTHOR_NAME; echo x"\\n' >> "$G/config"
echo 1 > w.txt; git add w.txt; git commit -qm "docs: w"`;
  const run = await start({
    files: { 'a.txt': 'a\n' },
    spec: `
teammates:
  - { name: writer, prompt: Write the docs. }
  - { name: mailer, prompt: Write the code., dependsOn: [writer] }
`,
    agents: `${WAITING_LEAD}${mate('writer', plant)}${mate('mailer', 'echo b > a.txt; git commit -qam "feat: b"')}`,
  });
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const pwned = (await namesBelow(run.run)).filter((name) => name.startsWith('pwned-'));
  // The configuration does run a command for the teammate itself.
  expect([...new Set(pwned)]).toEqual(['pwned-writer']);
  expect(await git(run.remote, 'show', `${RESULT}:a.txt`)).toBe('b');
});

test('git commands in the result of a run do not run commands of an agent', async () => {
  const escaped = join(await temporary(), 'escaped');
  // The configuration of the worktree, of its repository, and of the copy that others read.
  const trap = `
O=$(git rev-parse --absolute-git-dir)
rm -f .git; git init -q .
for g in .git "$O"; do
  git --git-dir="$g" config core.fsmonitor "touch '${escaped}'; false"
  git --git-dir="$g" config uploadpack.packObjectsHook "touch '${escaped}'"
  git --git-dir="$g" config core.alternateRefsCommand "touch '${escaped}'"
done`;
  const run = await start({
    files: { 'a.txt': 'a\n' },
    spec: 'teammates: [{ name: writer, prompt: Write the docs. }]',
    agents: `
team-lead:
  turns:
    - { text: I wait. }
    - until: { ended: true }
      text: I was talked into something.
      tools: [{ name: Bash, input: { command: ${JSON.stringify(trap)} } }, ${REPORT}]
    - { text: Done. }
${mate('writer', 'echo b > a.txt')}`,
  });
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const clone = await temporary();
  await git(clone, 'clone', '--quiet', run.remote, '.');
  await git(clone, 'fetch', '--quiet', run.result, RESULT, 'agents/crew/writer');
  expect(await git(clone, 'show', 'FETCH_HEAD:a.txt')).toBe('b');
  for (const args of [['log', '--all'], ['status'], ['diff', 'main', RESULT], ['gc']]) {
    await execa('git', args, { cwd: run.result, reject: false });
  }
  for (const verb of ['get', 'logs', 'cost']) await run.next(verb);
  expect(await namesBelow(join(escaped, '..'))).toEqual([]);
  // In the worktree, which no message recommends, git does run the command.
  await execa('git', ['status'], { cwd: run.tree('team-lead'), reject: false });
  expect(await namesBelow(join(escaped, '..'))).toEqual(['escaped']);
});
