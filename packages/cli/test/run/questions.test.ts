import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitInDirectory } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { start } from './waiting-writer.ts';

const temporary = temporaryDirectories();

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: asking }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write a file. }]
  lifecycle: { questions: {} }
`;

const SCRIPT = `
agents:
  writer:
    turns:
      - tools: [{ name: ask_person, input: { question: Which quarter?, choices: [Q2, Q3] } }]
      - tools: [{ name: ask_person, input: { question: "\\e[31mWhich language?" } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
people:
  answers:
    - { question: writer.1, text: Q3, by: Bea }
`;

test('a script and a person answer an agent, and everybody sees who did', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  const run = start(cwd, ['run', 'team.yaml', '--rehearse']);
  const get = () => agentteam(['get', 'asking'], cwd);
  const waiting = async () => {
    const { stdout } = await get();
    return stdout.includes('writer.2: ') ? stdout : undefined;
  };
  const signal = AbortSignal.timeout(120_000);
  const shown = await waitInDirectory(cwd, waiting, { signal });
  expect(shown).toContain(
    'writer.1: writer asks "Which quarter?" (1: "Q2", 2: "Q3"); Bea answered',
  );
  expect(shown).toContain('writer.2: writer asks "Which language?"; waits until');
  expect(shown).toContain('waits for an answer to writer.2');
  expect(shown).toContain('WaitingForAnswer=True');
  const listed = JSON.parse((await agentteam(['get', 'asking', '--json', '--detail'], cwd)).stdout);
  expect(listed.questions).toMatchObject([{ id: 'writer.1' }, { id: 'writer.2' }]);

  // An answer cannot be taken back, so a name that was mistyped does not become a part of it.
  const mistyped = await agentteam(['answer', 'asking', 'wrtier', 'English.'], cwd);
  expect(mistyped).toMatchObject({ exitCode: 1 });
  expect(mistyped.stderr).toContain(
    'wrtier is neither an agent of asking nor the id of a question',
  );
  expect(mistyped.stderr).toContain("agentteam answer asking 'wrtier English.'");
  const missing = await agentteam(['answer', 'asking', 'writer'], cwd);
  expect(missing.stderr).toContain('the answer to writer is missing');
  const answered = await agentteam(['answer', 'asking', 'writer', 'English.', '--by', 'Ann'], cwd);
  expect(answered.stdout).toBe('answered writer.2 as Ann: English.');
  const late = await agentteam(['answer', 'asking', 'writer.2', 'French.'], cwd);
  expect(late).toMatchObject({ exitCode: 1 });
  expect(late.stderr).toContain('Ann answered writer.2');
  expect(late.stderr).toContain('The first answer counts.');
  const named = await agentteam(['answer', 'asking', 'writer', 'French.'], cwd);
  expect(named.stderr).toContain('Ann answered writer.2');
  expect(await run.exited).toEqual([0, null]);
  expect(run.output()).toContain(
    '? writer asks: "Which language?"   agentteam answer asking writer.2',
  );
  expect(run.output()).toContain('● Bea answered writer.1 through rehearsal: "Q3"');
  expect(run.output()).toContain('● Ann answered writer.2 through agentteam: "English."');
  const ended = await agentteam(['answer', 'asking', 'Anything.'], cwd);
  expect(ended.stderr).toContain('asking has ended');
  const { stdout: mail } = await agentteam(['messages', 'asking', '--json'], cwd);
  expect(JSON.parse(mail).filter(({ kind }: { kind: string }) => kind === 'answer')).toMatchObject([
    { from: 'Bea', to: 'writer', text: 'Q3', question: { id: 'writer.1' }, delivered: true },
    { from: 'Ann', to: 'writer', text: 'English.', question: { id: 'writer.2' }, delivered: true },
  ]);
  const report = await agentteam(['report', 'asking', '--format', 'markdown', '-o', '-'], cwd);
  expect(report.stdout).toContain('English.');
});
