import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();

test('worktrees, build output and secrets in the work of agents are listed and not delivered', async () => {
  const run = await CodingRun.start(await temporary(), {
    files: { 'a.txt': 'zero\n' },
    spec: 'teammates: [{ name: explorer, prompt: Try. }, { name: builder, prompt: Build. }]',
    agents: `${WAITING_LEAD}
${mate('explorer', 'git worktree add -q .claude/worktrees/x -b variant-x && echo x > .claude/worktrees/x/f.txt; echo y > y.txt')}${mate('builder', "mkdir -p node_modules/p dist && echo 1 > node_modules/p/index.js && printf 'API_KEY=s3cret\\n' > .env && head -c 3000000 /dev/zero > dist/big.bin && echo src > src.js")}`,
  });
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const changed = await git(run.remote, 'diff', '--name-only', 'main', 'teams/crew');
  expect(changed.split('\n')).toEqual(['src.js', 'y.txt']);
  for (const text of [
    '.claude/worktrees/x/ (a git worktree on branch variant-x)',
    'node_modules/ (not part of the sources)',
    '.env (it may hold secrets)',
    'dist/big.bin (2.9 MiB)',
  ]) {
    expect(run.outcome.stdout).toContain(text);
    // The lead is informed of the files that are not delivered.
    expect(await run.messagesTo('team-lead')).toContain(text);
  }
});

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: rt }
spec:
  repository: { url: "git@github.com:acme/none.git" }
  lead: { prompt: Coordinate. }
  teammates: [{ name: one, prompt: Work. }]
  lifecycle: { onComplete: push-branch }
`;

test.each([
  ['git branch teams', 'has a branch teams, and git cannot store the branch teams/rt beside it'],
  ['git branch -m agents', 'The repository has no branch trunk'],
])('%s is found before the first agent starts', async (script, message) => {
  const cwd = await temporary();
  const branch = script.endsWith('agents') ? ', branch: trunk' : '';
  await writeFile(join(cwd, 'team.yaml'), TEAM.replace('none.git"', `none.git"${branch}`));
  await git(cwd, 'init', '--quiet', '-b', 'main', 'r');
  const as = ['-c', 'user.email=a@b', '-c', 'user.name=n'];
  await git(join(cwd, 'r'), ...as, 'commit', '-q', '--allow-empty', '-m', 'i');
  await git(join(cwd, 'r'), ...script.split(' ').slice(1));
  await writeFile(join(cwd, 'r', 'new.txt'), '');
  const args = ['run', 'team.yaml', '--rehearse', '--repository', 'r', '--json'];
  const { exitCode, stdout, stderr } = await agentteam(args, cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 1 });
  expect(stdout).toContain(message);
  expect(stdout).not.toContain('hint:');
  expect(stderr).toContain('uncommitted: new.txt');
  // The step that only informs the lead is not shown to people.
  expect(stdout).not.toContain('Roll-call');
  // Every place that names an agent's failure gives this reason.
  const { stdout: logs } = await agentteam(['logs', 'rt'], cwd);
  const summary = logs.slice(logs.lastIndexOf('lead: failed'));
  expect(summary.split(message)).toHaveLength(3);
  expect(await agentteam(['outputs', 'rt'], cwd)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('rt ended without a result'),
  });
  // No request was sent to the API.
  const usd = /"estimatedCost":"([^"]*)"/.exec(stdout)?.[1] ?? '0.00';
  expect(usd).toBe('0.00');
});
