import { join } from 'node:path';
import { EXIT, type Question, type QuestionRules, VOLUME } from '@agentteam/contract';
import type { AgentScript, SeenRequest } from '@agentteam/rehearsal';
import { readAgentStates, readQuestions, waitInDirectory, writeAnswer } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { peopleCommand } from '../../src/people/command.ts';
import { never } from '../support/team.ts';
import { AgentTeam, COMPLETE, REPORT, report } from './support/agent-team.ts';
import { peopleIn } from './support/messages.ts';
import type { Pod } from './support/pod.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const RULES: QuestionRules = { deadlineSeconds: 3600, unanswered: 'continue' };
const ask = (input: object = {}) => ({
  name: 'ask_person',
  input: { question: 'Which quarter?', choices: ['Q2', 'Q3'], ...input },
});
const ASKS: AgentScript = {
  turns: [{ tools: [ask()] }, { tools: [COMPLETE, REPORT] }, { text: 'Done.' }],
};

const makeTeam = async (mate: AgentScript) => {
  team = await AgentTeam.make({ script: { mate } });
};
const start = (attempt = 0, rules = RULES): Promise<Pod> =>
  team.start('mate', { attempt, agent: { questions: rules } });

const places = () => ({
  state: join(team.place.volume, VOLUME.state),
  control: join(team.place.volume, VOLUME.control),
});

/** Waits for the agent's question with this number. */
const question = (number: number, isIt: (one: Question) => boolean = () => true) =>
  waitInDirectory(
    join(places().state, 'mate'),
    async () => {
      const all = await readQuestions(places(), ['mate'], await readAgentStates(places().state));
      return all.find((one) => one.id === `mate.${number}` && isIt(one));
    },
    { signal: never, pollMs: 50 },
  );

const answer = (number: number, text: string) =>
  writeAnswer(places().control, { id: `mate.${number}`, text, by: 'Ann', via: 'agentteam' });

/** The environment of the gateway in a pod. */
const env = ({ root }: Pod) => ({ AGENTTEAM_ROOT: root });

/** Everything in a request, with the results of tools. */
const allIn = (seen?: SeenRequest): string => JSON.stringify(seen?.request.messages);

test('the call waits for the answer of a person and returns it', async () => {
  await makeTeam(ASKS);
  const mate = await start();
  expect(await question(1)).toMatchObject({
    id: 'mate.1',
    kind: 'question',
    text: 'Which quarter?',
    choices: ['Q2', 'Q3'],
  });
  expect(team.seen).toHaveLength(1);
  expect(await answer(1, 'Q3')).toMatchObject({ isFirst: true });
  expect(await mate.exited).toBe(0);
  expect(allIn(team.seen[1])).toContain('Ann answered:\\nQ3');
  // The first answer counts, also through the container of a gateway.
  expect(await peopleCommand(env(mate), ['answer', 'mate.1', 'Bob', 'Q2'])).toBe(0);
  expect(await peopleCommand(env(mate), ['answer', '../state', 'Bob', 'Q2'])).not.toBe(0);
  expect(await answer(1, 'Q2')).toMatchObject({
    isFirst: false,
    answer: { text: 'Q3', by: 'Ann' },
  });
  expect((await question(1)).answer).toMatchObject({ text: 'Q3', by: 'Ann', via: 'agentteam' });
});

test('an agent that was killed spends nothing until the answer arrives as a person’s message', async () => {
  await makeTeam({ turns: [{ tools: [ask()] }, { tools: [COMPLETE, REPORT] }, { text: 'Done.' }] });
  const first = await start();
  await question(1);
  await first.kill();
  const second = await start(1);
  await second.printed('resumed');
  await answer(1, 'Q3');
  expect(await second.exited).toBe(0);
  const [, next] = team.seen;
  expect(peopleIn(next as SeenRequest)).toEqual([
    { by: 'Ann', text: 'Answer to your question mate.1 ("Which quarter?"):\nQ3' },
  ]);
});

test('an agent that is interrupted while it waits gets the answer as a person’s message, and goes on with it', async () => {
  await makeTeam({ turns: [{ tools: [ask()] }, { tools: [COMPLETE, REPORT] }, { text: 'Done.' }] });
  const mate = await start();
  await question(1);
  expect(await peopleCommand(env(mate), ['interrupt', 'mate', 'Bob'])).toBe(0);
  await mate.printed('turn interrupted');
  await answer(1, 'Q3');
  expect(await mate.exited).toBe(0);
  const next = team.seen.find((seen) => peopleIn(seen).length > 0);
  expect(peopleIn(next as SeenRequest)).toEqual([
    { by: 'Ann', text: 'Answer to your question mate.1 ("Which quarter?"):\nQ3' },
  ]);
});

test('an agent that is stopped while it waits goes on waiting when it is started again', async () => {
  await makeTeam({ turns: [{ tools: [ask()] }, { tools: [COMPLETE, REPORT] }, { text: 'Done.' }] });
  const first = await start();
  await question(1);
  // The mail is in the queue of Claude Code, which begins no turn for it.
  await team.send('team-lead', 'mate', 'Your task is on the list.');
  await first.printed('mail from lead');
  expect(await first.terminate()).toBe(143);
  // The call has no answer, so the model is not asked to go on without it.
  expect(team.seen).toHaveLength(1);
  const second = await start(1);
  await second.printed('resumed');
  await answer(1, 'Q3');
  expect(await second.exited).toBe(0);
  expect(peopleIn(team.seen[1] as SeenRequest)).toEqual([
    { by: 'Ann', text: 'Answer to your question mate.1 ("Which quarter?"):\nQ3' },
  ]);
  expect(allIn(team.seen.at(-1))).toContain('Your task is on the list.');
});

test('an agent that was killed begins no turn while it waits, although its task is open and it has mail', async () => {
  const turns = [
    { tools: [ask({ deadline: '8s' })] },
    { tools: [COMPLETE, REPORT] },
    { text: 'Done.' },
  ];
  await makeTeam({ turns });
  const first = await start();
  await question(1);
  await team.send('team-lead', 'mate', 'Your task is on the list.');
  await first.printed('mail from lead');
  await first.kill();
  await team.send('team-lead', 'mate', 'It is due today.');
  expect(await peopleCommand(env(first), ['tell', 'mate', 'Ann', 'Use October.'])).toBe(0);
  const second = await start(1);
  expect(await second.exited).toBe(0);
  expect(allIn(team.seen[1])).toContain('Decide yourself');
  const last = allIn(team.seen.at(-1));
  expect(last).toContain('Your task is on the list.');
  expect(last).toContain('It is due today.');
  expect(last).toContain('Use October.');
});

test('an answer that comes while no process runs reaches the next one, and the same call finds it', async () => {
  await makeTeam(ASKS);
  const first = await start();
  await question(1);
  await first.kill();
  await answer(1, 'Q3');
  const second = await start(1);
  expect(await second.exited).toBe(0);
  const last = team.seen.at(-1) as SeenRequest;
  expect(peopleIn(last)).toEqual([
    { by: 'Ann', text: 'Answer to your question mate.1 ("Which quarter?"):\nQ3' },
  ]);
  // The kill may come before the session has the call. The script makes it again then.
  expect(allIn(last)).toMatch(/Ann answered:\\nQ3|interrupted before a result was received/);
});

test.each([
  ['default', { default: 'Q2' }, 'Continue with your default: Q2'],
  ['continue', {}, 'Decide yourself'],
] as const)('unanswered: %s lets the agent go on', async (unanswered, more, words) => {
  await makeTeam({
    turns: [
      { tools: [ask({ deadline: '1s', ...more })] },
      { tools: [COMPLETE, REPORT] },
      { text: 'Done.' },
    ],
  });
  const mate = await start(0, { ...RULES, unanswered });
  expect(await mate.exited).toBe(0);
  expect(allIn(team.seen[1])).toContain(words);
  expect(await question(1)).toMatchObject({ unanswered: { how: unanswered } });
});

test('unanswered: fail ends the step as blocked', async () => {
  await makeTeam({ turns: [{ tools: [ask({ deadline: '1s' })] }] });
  const mate = await start(0, { ...RULES, unanswered: 'fail' });
  expect(await mate.exited).toBe(EXIT.reportedBlocked);
  const { reported, message } = (await team.state('mate')) ?? {};
  expect(reported).toMatchObject({ outcome: 'blocked' });
  expect(message).toContain('nobody answered its question');
});

const BLOCKED = report({
  outcome: 'blocked',
  summary: 'No access.',
  reason: 'The key is missing.',
});

test('an agent that reports blocked goes on with a person’s answer', async () => {
  await makeTeam({
    turns: [
      { tools: [BLOCKED] },
      { text: 'I wait.' },
      { tools: [COMPLETE, REPORT] },
      { text: 'Done.' },
    ],
  });
  const mate = await start();
  expect(await question(1)).toMatchObject({ kind: 'blocked', text: 'The key is missing.' });
  await answer(1, 'It is in the vault now.');
  expect(await mate.exited).toBe(0);
  expect(peopleIn(team.seen[2] as SeenRequest)).toMatchObject([{ by: 'Ann' }]);
  expect((await team.state('mate'))?.reported).toMatchObject({ outcome: 'completed' });
});

test('without an answer it ends blocked', async () => {
  await makeTeam({ turns: [{ tools: [BLOCKED] }, { text: 'I wait.' }] });
  const mate = await start(0, { ...RULES, deadlineSeconds: 1 });
  expect(await mate.exited).toBe(EXIT.reportedBlocked);
  expect((await team.state('mate'))?.message).toContain('The key is missing.');
});

test('without rules for questions an agent has no such tool, and blocked ends its step', async () => {
  await makeTeam({ turns: [{ tools: [BLOCKED] }, { text: 'Over.' }] });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.reportedBlocked);
  expect(team.seen[0]?.request.tools.map(({ name }) => name)).not.toContain(
    'mcp__agentteam__ask_person',
  );
});
