// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, type CodingTeam, does, git, mate, REPORT, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();
const start = async (team: CodingTeam) => CodingRun.start(await temporary(), team);

const RESULT = 'teams/crew';

describe('quality gates', () => {
  const team = (lead: string): CodingTeam => ({
    files: {
      'package.json': '{"scripts":{"test":"sh test.sh"}}',
      'test.sh':
        'grep -q two a.txt || { echo "a.txt must say two, and says $(cat a.txt)"; exit 1; }\n',
      'a.txt': 'zero\n',
    },
    spec: `
teammates: [{ name: api, prompt: Say it. }]
qualityGates: { requireTests: true, rounds: 1 }
`,
    agents: `${WAITING_LEAD}${lead}
${mate('api', 'echo one > a.txt')}`,
  });

  test('the lead gets the output of a failed check, and the result has its correction', async () => {
    const run = await start(team(does('echo two > a.txt', 'Now it says two.')));
    expect(run.outcome).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Checks\n {2}passed {2}test: npm run test/m),
    });
    const [, text = ''] = /^Pull request text +(\S.*)$/m.exec(run.outcome.stdout) ?? [];
    expect(await readFile(text, 'utf8')).toContain(
      '## Checks\\n\\n> ```text\\n> passed  test: npm run test',
    );
    const messages = await run.messagesTo('team-lead');
    expect(messages).toContain('fails its checks (round 1 of 1)');
    expect(messages).toContain('a.txt must say two, and says one');
    expect(await git(run.remote, 'show', `${RESULT}:a.txt`)).toBe('two');
    const log = await git(run.remote, 'log', '--no-merges', '--format=%an', `main..${RESULT}`);
    expect(log.split('\n')).toEqual(['team-lead', 'api']);
    expect((await run.next('logs', 'checks')).stdout).toMatch(
      /test: npm run test \(package\.json scripts\.test\)[\s\S]*FAILED: exit code 1[\s\S]*passed/,
    );
  });

  test('the team fails after the last round, keeps the work, and can be retried', async () => {
    const run = await start(
      team(`    - { text: I cannot. }\n${does('echo two > a.txt', 'Now it says two.')}`),
    );
    expect(run.outcome).toMatchObject({ exitCode: 1 });
    expect(run.outcome.stdout).toContain(
      'Checks: quality gates failed; test: npm run test (package.json scripts.test; exit code 1).',
    );
    expect(await git(run.remote, 'branch', '--list')).toBe('* main');
    // A person can continue in a clone.
    const clone = await temporary();
    await git(clone, 'clone', '--quiet', run.remote, '.');
    await git(clone, 'fetch', '--quiet', run.result, RESULT);
    expect(await git(clone, 'show', 'FETCH_HEAD:a.txt')).toBe('one');
    // A retry asks the lead again.
    expect(await run.next('retry')).toMatchObject({ exitCode: 0 });
    expect(await git(run.remote, 'show', `${RESULT}:a.txt`)).toBe('two');
  });
});

test('the result has the work of a repeated teammate, although the lead had ended before', async () => {
  const idle = '    - { text: I do nothing. }\n'.repeat(4);
  const update = '{ name: TaskUpdate, input: { taskId: "${task.web}", status: completed } }';
  const run = await start({
    files: { 'a.txt': 'zero\n', 'b.txt': 'zero\n' },
    spec: 'teammates: [{ name: api, prompt: Say it. }, { name: web, prompt: Show it. }]',
    agents: `
team-lead:
  turns:
    - { text: I wait. }
    - { until: { ended: true }, tools: [${REPORT}] }
    - { text: That is all. }
    # The retry wakes the lead once or twice: web may end before the lead has read that it was restarted.
    - { tools: [${REPORT}] }
    - { text: That is all. }
    - { tools: [${REPORT}] }
${mate('api', 'echo one > a.txt')}web:
  turns:
${idle}    - { tools: [{ name: Bash, input: { command: echo one > b.txt } }, { name: TaskList }] }
    - { tools: [${update}] }
    - { text: Done. }
`,
  });
  expect(run.outcome).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('✓ lead completed'),
  });
  expect(await run.next('retry')).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'diff', '--name-only', 'main', RESULT)).toBe('a.txt\nb.txt');
  expect(await run.messagesTo('team-lead')).toMatch(
    /from="web" outcome="failed"[\s\S]*from="web" outcome="completed"/,
  );
});

describe('a merge conflict', () => {
  const team = (lead: string): CodingTeam => ({
    files: { 'a.txt': 'zero\n' },
    spec: `
teammates:
  - { name: left, prompt: Have a.txt say left. }
  - { name: right, prompt: Have a.txt say right. }
`,
    agents: `
team-lead:
  turns:
    - { text: I wait. }
${lead}
${mate('left', 'echo left > a.txt')}${mate('right', 'echo right > a.txt')}`,
  });

  test('is given to the lead with both sides and both tasks, and the result has the resolution', async () => {
    // Each mail starts a turn of the lead too.
    const look = 'if git rev-parse -q --verify MERGE_HEAD; then echo both > a.txt; fi';
    // The report is refused while teammates are working.
    const turns = `    - { tools: [{ name: Bash, input: { command: ${JSON.stringify(look)} } }, ${REPORT}] }\n    - { text: I have looked. }\n`;
    const run = await start(team(turns.repeat(12)));
    expect(run.outcome).toMatchObject({ exitCode: 0 });
    const messages = await run.messagesTo('team-lead');
    expect(messages).toContain('conflicts with work that is already merged');
    for (const text of [
      '    left\n',
      '    right\n',
      'Have a.txt say left.',
      'Have a.txt say right.',
    ]) {
      expect(messages).toContain(text);
    }
    expect(await git(run.remote, 'show', `${RESULT}:a.txt`)).toBe('both');
    for (const name of ['left', 'right']) {
      await git(
        run.remote,
        'merge-base',
        '--is-ancestor',
        await git(run.result, 'rev-parse', `agents/crew/${name}`),
        RESULT,
      );
    }
  });

  test('that the lead does not resolve fails its step, names the files, and keeps the work', async () => {
    const run = await start(team('    - { until: { ended: true }, text: All have ended. }\n'));
    expect(run.outcome).toMatchObject({ exitCode: 1 });
    expect(run.outcome.stdout).toMatch(/lead: The work of \w+ .* could not be merged/);
    expect((await run.next('logs', 'lead')).stdout).toMatch(/could not be merged[\s\S]*a\.txt/);
    expect(await git(run.remote, 'branch', '--list')).toBe('* main');
    for (const name of ['left', 'right']) {
      expect(await git(run.result, 'show', `agents/crew/${name}:a.txt`)).toBe(name);
    }
    // The merge remains in progress for a retry.
    expect(await readFile(join(run.tree('team-lead'), 'a.txt'), 'utf8')).toContain('<<<<<<<');
  });
});

describe('changes outside a scope', () => {
  const team = (more: string): CodingTeam => ({
    files: { 'a.txt': 'zero\n', 'b.txt': 'zero\n' },
    spec: `
teammates:
  - { name: api, prompt: Say it., scope: { includePaths: [a.txt] } }
`,
    agents: `${WAITING_LEAD}
${mate('api', 'echo one > a.txt; echo one > b.txt; ln -s /etc/passwd link', more)}`,
  });

  test('are returned once to the teammate, which corrects them', async () => {
    const run = await start(
      team(does('git checkout main -- b.txt; git rm -q --cached link; rm link', 'Right.')),
    );
    expect(run.outcome).toMatchObject({ exitCode: 0 });
    expect(await run.messagesTo('api')).toMatch(/"b\.txt": outside its scope\n- "link": outside/);
    const changed = await git(run.remote, 'diff', '--name-only', 'main', RESULT);
    expect(changed).toBe('a.txt');
  });

  test('fail its step when they are not corrected, and the message names them', async () => {
    const run = await start(team('    - { text: I like it so. }\n'));
    expect(run.outcome).toMatchObject({ exitCode: 1 });
    expect(run.outcome.stdout).toMatch(
      /api made changes that it is not allowed to make: - "b\.txt": outside its scope/,
    );
    expect((await run.next('logs', 'api')).stdout).toMatch(
      /api made changes that it is not allowed to make:[\s\S]*"b\.txt"/,
    );
    expect(await git(run.remote, 'branch', '--list')).toBe('* main');
    expect(await git(run.result, 'show', 'agents/crew/api:b.txt')).toBe('one');
    await expect(access(join(run.tree('team-lead'), 'link'))).rejects.toThrow('ENOENT');
  });
});
