// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, REPORT, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();

const again = (command: string) =>
  `    - { tools: [{ name: Bash, input: { command: ${JSON.stringify(command)} } }] }
    - { tools: [{ name: report, input: { outcome: completed, summary: Changed. } }] }
    - { text: Changed. }
`;

const TEAM = {
  files: { 'README.md': 'hello\n' },
  spec: `
teammates:
  - { name: api, prompt: Build it. }
  - { name: docs, prompt: Describe it. }
`,
  agents: `${WAITING_LEAD}    - { text: I wait again. }
    - { until: { ended: true }, tools: [${REPORT}] }
    - { text: It is merged again. }
${mate('api', 'echo one > a.txt')}
${mate('docs', 'echo old > d.txt', again('echo new > d.txt'))}`,
};

/** A team whose work is complete and whose delivery was not approved. */
async function undelivered(): Promise<CodingRun> {
  const cwd = await temporary();
  const run = await CodingRun.start(
    cwd,
    {
      ...TEAM,
      lifecycle:
        'onComplete: push-branch, approvalTimeout: 1s, approvalGates: [{ event: deliver }]',
    },
    ['--gates', 'wait'],
  );
  expect(run.outcome.exitCode).toBe(3);
  return run;
}

async function corrected(run: CodingRun, was: string, is: string): Promise<string> {
  const text = await readFile(join(run.cwd, 'team.yaml'), 'utf8');
  expect(text).toContain(was);
  const inTime = text.replace('approvalTimeout: 1s', 'approvalTimeout: 10m');
  await writeFile(join(run.cwd, 'corrected.yaml'), inTime.replace(was, is));
  return 'corrected.yaml';
}

/** The messages to each agent, which do not change for an agent that is not repeated. */
async function messagesTo(run: CodingRun): Promise<readonly string[]> {
  return Promise.all(['team-lead', 'api', 'docs'].map((agent) => run.messagesTo(agent)));
}

test('a retry with another branch name delivers to that branch without repeating agents', async () => {
  const run = await undelivered();
  const before = await messagesTo(run);
  const file = await corrected(run, 'onComplete:', 'consolidatedBranchTemplate: done, onComplete:');
  const retried = await run.next('retry', '-f', file, '--gates', 'approve');
  expect(retried).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'show', 'done:d.txt')).toBe('old');
  expect(await messagesTo(run)).toEqual(before);
});

/** PATH with a program `rm` that kills who calls it, as retry does before it changes the Workflow. */
async function deadlyPath(): Promise<string> {
  const directory = await temporary();
  await writeFile(join(directory, 'rm'), '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
  return `${directory}:${process.env['PATH']}`;
}

test('a retry with another prompt repeats that agent and the lead only, also after it was killed', async () => {
  const run = await undelivered();
  const before = await messagesTo(run);
  const file = await corrected(run, 'Describe it.', 'Describe it anew.');
  const env = { PATH: await deadlyPath() };
  expect(await agentteam(['retry', 'crew', '-f', file], run.cwd, env)).toMatchObject({
    exitCode: undefined,
  });
  expect((await run.next('get')).stdout).toContain('Phase:           Failed');
  const retried = await run.next('retry', '--gates', 'approve');
  expect(retried).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'show', 'teams/crew:d.txt')).toBe('new');
  expect(await git(run.remote, 'show', 'teams/crew:a.txt')).toBe('one');
  const [lead, api, docs] = await messagesTo(run);
  expect(docs).toContain('Describe it anew.');
  expect(api).toBe(before[1]);
  expect(lead).not.toBe(before[0]);
});

test('a retry cannot add an agent, and the run can still be retried without the file', async () => {
  const run = await undelivered();
  const file = await corrected(
    run,
    '- { name: docs',
    '- { name: web, prompt: Show it. }\n    - { name: docs',
  );
  const refused = await run.next('retry', '-f', file);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain('cannot add or remove teammates: web');
  const same = await corrected(run, 'Build it.', 'Build it.');
  expect(await run.next('retry', '-f', same, '--gates', 'approve')).toMatchObject({ exitCode: 0 });
});
