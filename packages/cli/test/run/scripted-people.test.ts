import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { TEAM } from './waiting-writer.ts';

const temporary = temporaryDirectories();
let cwd: string;
beforeEach(async () => {
  cwd = await temporary();
});

const script = (people: string): string => `
agents:
  writer:
    turns:
      - tools: [{ name: Bash, input: { command: "true" } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
people:
${people}`;

const journalOf = (agent: string): string =>
  join(cwd, `.agentteam/people/volumes/team/sessions/${agent}/journal.jsonl`);

async function run(people: string) {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), script(people));
  return agentteam(['run', 'team.yaml', '--rehearse', '--json'], cwd);
}

test('a script plays a person who writes to an agent and pauses the team', async () => {
  const { exitCode, stdout } = await run(`
  messages:
    - { to: writer, text: Use October., after: { agent: writer, turn: 1 }, by: Ann }
  pauses:
    - { after: { agent: writer, turn: 2 }, forMs: 3000, by: Ann }
`);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Paused');
  const text = await readFile(journalOf('writer'), 'utf8');
  expect(text.match(/<person-message from=\\"Ann\\">/g)).toHaveLength(1);
});

test('a script plays a person who interrupts an agent and says how to go on', async () => {
  const busy = 'tools: [{ name: Bash, input: { command: "until [ -e go ]; do sleep 0.1; done" } }]';
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const text = script(`
  interrupts:
    - { after: { agent: writer, turn: 1 }, text: Do not wait., by: Ann }
`).replace('tools: [{ name: Bash, input: { command: "true" } }]', busy);
  expect(text).toContain('until [');
  await writeFile(join(cwd, 'rehearsal.yaml'), text);
  const { exitCode } = await agentteam(['run', 'team.yaml', '--rehearse'], cwd);
  expect({ exitCode }).toEqual({ exitCode: 0 });
  const told = await readFile(journalOf('writer'), 'utf8');
  expect(told.match(/<person-message from=\\"Ann\\">/g)).toHaveLength(1);
  const { stdout } = await agentteam(['logs', 'people', 'writer', '--raw'], cwd);
  expect(stdout).toContain('Ann interrupted the turn');
  // The interrupted command is not repeated.
  expect(stdout.match(/tool Bash/g)).toHaveLength(1);
});

test.each([
  [
    'interrupts: [{ text: Stop., after: { agent: writer, turn: 4 } }]',
    'turn 4 of `writer` has no tools',
  ],
  [
    'interrupts: [{ text: Stop., after: { agent: editor, turn: 1 } }]',
    'the team has no agent editor',
  ],
  ['messages: [{ text: Hello., after: { agent: writer, turn: 9 } }]', '`writer` has 4 turns'],
  [
    'messages: [{ text: Hello., after: { agent: editor, turn: 1 } }]',
    'the team has no agent editor',
  ],
  ['answers: [{ question: editor.1, text: Yes. }]', 'the team has no agent editor'],
  ['messages: [{ text: Hello. }]', 'after'],
  ['pauses: [{ after: { agent: writer, turn: 1 } }]', 'forMs'],
])('a script with %s is refused', async (people, problem) => {
  const { exitCode, stderr } = await run(`  ${people}\n`);
  expect({ exitCode }).toEqual({ exitCode: 2 });
  expect(stderr).toContain(problem);
  // Nothing of the run has been written.
  expect(await readdir(cwd)).not.toContain('.agentteam');
});
