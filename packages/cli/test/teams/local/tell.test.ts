import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendMail, writeAnswer, writeQuestions } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import pc from 'picocolors';
import { readLocalMessages } from '../../../src/teams/local/local-messages.ts';
import { tellLocally } from '../../../src/teams/local/tell.ts';
import { formatMessages } from '../../../src/teams/mail/format-messages.ts';
import { madeRun, writeLines } from '../../fixtures.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

test('a message to all agents is listed as a person’s, and an imitation is not', async () => {
  const team = await madeRun(await temporary());
  const told = await tellLocally(team, { agents: [], text: 'Use October.', by: 'Ann' });
  expect(told).toMatchObject({ by: 'Ann', agents: ['team-lead', 'researcher', 'email-drafter'] });
  expect(told.notes[0]).toContain('agentteam resume q3-report');
  const native = team.native(await team.workflow());
  await sendMail(native, 'researcher', { from: 'Ann', text: 'Use November.' });
  const { messages } = await readLocalMessages(team);
  expect(messages.map(({ from, kind, delivered }) => [from, kind, delivered])).toEqual([
    ['Ann', 'person', false],
    ['Ann', 'person', false],
    ['Ann', 'person', false],
    ['Ann', 'message', false],
  ]);
  const [head] = formatMessages(messages.slice(0, 1), 80, pc.createColors(false));
  expect(head).toMatch(/^Ann → team-lead {2}.*, a person, not delivered$/);
});

test('the lead gets a message under the name that people see', async () => {
  const team = await madeRun(await temporary());
  const told = await tellLocally(team, { agents: ['lead'], text: 'Use October.', by: 'Ann' });
  expect(told.agents).toEqual(['team-lead']);
});

test('a message in the agent’s journal is delivered', async () => {
  const team = await madeRun(await temporary());
  await tellLocally(team, { agents: ['researcher'], text: 'Use October.', by: 'Ann' });
  const directory = join(team.volumes.control, 'people', 'researcher');
  const [file = ''] = await readdir(directory);
  const person = JSON.parse(await readFile(join(directory, file), 'utf8'));
  await writeLines(join(team.volumes.sessions, 'researcher', 'journal.jsonl'), [
    { type: 'delivery', uuid: 'u', text: '', at: '', mail: [], person },
  ]);
  expect((await readLocalMessages(team)).messages).toMatchObject([
    { kind: 'person', delivered: true },
  ]);
});

test('agents that do not exist and teams that have ended get no message', async () => {
  const team = await madeRun(await temporary());
  const toNobody = tellLocally(team, { agents: ['reseacher'], text: 'x' });
  await expect(toNobody).rejects.toThrow('q3-report has no agent reseacher');
  const workflow = await team.workflow();
  const status = { phase: 'Succeeded', finishedAt: '2026-11-23T17:00:00Z' };
  await writeFile(join(team.directory, 'workflow.json'), JSON.stringify({ ...workflow, status }));
  const tooLate = tellLocally(team, { agents: ['researcher'], text: 'x' });
  await expect(tooLate).rejects.toThrow('q3-report has ended');
});

test('answers of people are listed with their questions, even if the agent hides those', async () => {
  const team = await madeRun(await temporary());
  const { control, state } = team.volumes;
  const own = join(state, 'researcher');
  await mkdir(own, { recursive: true });
  await mkdir(control, { recursive: true });
  const at = '2026-11-23T16:31:00.000Z';
  const asked = (id: string, text: string, ends: object) => ({
    ...{ id, agent: 'researcher', kind: 'question' as const, text, askedAt: at, deadline: at },
    ...ends,
  });
  await writeQuestions(own, [
    asked('researcher.1', 'Which "quarter"?\nQ2 or Q3?', { handed: 'result' }),
    asked('researcher.2', 'Which language?', { unanswered: { how: 'continue', at } }),
  ]);
  for (const [id, text] of [
    ['researcher.1', 'October.'],
    ['researcher.2', 'English.'],
    ['researcher.3', 'No.'],
  ] as const) {
    await writeAnswer(control, { id, text, by: 'Ann', via: 'agentteam' });
  }
  const { messages } = await readLocalMessages(team);
  const shown = formatMessages(messages, 80, pc.createColors(false)).map((line) =>
    line.replace(/\d\d:\d\d:\d\dZ/, 'TIME'),
  );
  expect(shown).toEqual([
    'Ann → researcher  TIME, a person, answer to researcher.1',
    `  researcher asked: "Which 'quarter'? Q2 or Q3?"`,
    '  October.',
    '',
    'Ann → researcher  TIME, a person, answer to researcher.2, not delivered',
    '  researcher asked: "Which language?"',
    '  English.',
    '',
    'Ann → researcher  TIME, a person, answer to researcher.3, not delivered',
    '  No.',
  ]);
});
