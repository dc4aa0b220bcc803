import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, QUESTION_LIMITS, readFigures } from '@agentteam/contract';
import { beforeEach, expect, test } from '@jest/globals';
import {
  type AskedQuestion,
  answerDirectory,
  chosen,
  questionsInFigures,
  readQuestions,
  writeAnswer,
  writeQuestions,
} from '../src/index.ts';
import { temporaryDirectory } from './temporary.ts';

let state: string;
let control: string;
let own: string;
beforeEach(async () => {
  const directory = await temporaryDirectory();
  [state, control] = [join(directory, 'state'), join(directory, 'control')];
  own = join(state, 'mate');
  await mkdir(own, { recursive: true });
  await mkdir(control);
});

const asked = (number: number, more: Partial<AskedQuestion> = {}): AskedQuestion => ({
  id: `mate.${number}`,
  agent: 'mate',
  kind: 'question',
  text: 'Which quarter?',
  askedAt: `2026-11-29T12:00:${String(number).padStart(2, '0')}Z`,
  deadline: '2026-11-29T13:00:00Z',
  ...more,
});
const read = () => readQuestions({ state, control }, ['mate', 'other'], new Map());
const give = (by: string, text: string) =>
  writeAnswer(control, { id: 'mate.1', by, text, via: 'agentteam' });

test('of many answers at once exactly one counts, and everybody learns whose', async () => {
  await writeQuestions(own, [asked(1)]);
  const people = Array.from({ length: 20 }, (_, index) => `Person ${index}`);
  const given = await Promise.all(people.map((by) => give(by, `answer of ${by}`)));
  const [winner, ...others] = given.filter(({ isFirst }) => isFirst);
  expect(others).toEqual([]);
  for (const { answer } of given) expect(answer).toEqual(winner?.answer);
  expect(await read()).toMatchObject([{ answer: winner?.answer }]);
});

test('an agent cannot answer in its own record', async () => {
  const forged = { text: 'yes', by: 'Ann', via: 'agentteam', at: '2026-11-29T12:01:00Z' };
  const questions = [{ ...asked(1), answer: forged }];
  await writeFile(join(own, FILES.questions), JSON.stringify({ questions }));
  expect(await read()).toEqual([asked(1)]);
});

test('an agent cannot ask in the name of another one, and a link is not followed', async () => {
  await writeQuestions(own, [asked(1, { id: 'other.1', agent: 'other' })]);
  expect(await read()).toEqual([]);
  await writeFile(join(state, 'secret.json'), JSON.stringify({ questions: [asked(1)] }));
  await mkdir(join(state, 'other'));
  await symlink('../secret.json', join(state, 'other', FILES.questions));
  expect(await read()).toEqual([]);
});

test('a flood of huge questions is bounded and stays valid figures', async () => {
  const many = Array.from({ length: 300 }, (_, index) =>
    asked(index + 1, {
      text: `\u001b[2J${'x'.repeat(900)}`,
      unanswered: { how: 'continue', at: '2026-11-29T13:00:00Z' },
    }),
  );
  await writeQuestions(own, many);
  const questions = await read();
  expect(questions).toHaveLength(QUESTION_LIMITS.perAgent);
  expect(questions[0]?.text).not.toContain('\u001b');
  const shown = questionsInFigures(questions);
  expect(shown).toHaveLength(QUESTION_LIMITS.inFigures);
  await writeQuestions(own, [asked(1, { text: 'x'.repeat(600_000) })]);
  expect(await read()).toEqual([]);
  const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const tasks = { total: 0, completed: 0, inProgress: 0, pending: 0 };
  const figures = { team: 't', at: '', usd: '0', tokens, tasks, agents: [], questions: shown };
  expect(readFigures(JSON.parse(JSON.stringify({ ...figures, at: undefined })))).toMatchObject({
    figures: { questions: shown },
  });
});

test('an agent that forges waiting questions leaves room to those of others', async () => {
  const forged = Array.from({ length: 32 }, (_, index) =>
    asked(index + 1, { askedAt: '2026-11-29T23:00:00Z' }),
  );
  await writeQuestions(own, forged);
  const other = join(state, 'other');
  await mkdir(other);
  await writeQuestions(other, [asked(1, { id: 'other.1', agent: 'other' })]);
  const shown = questionsInFigures(await read());
  expect(shown).toHaveLength(1 + QUESTION_LIMITS.open);
  expect(shown[0]).toMatchObject({ id: 'other.1' });
});

test('questions that wait are shown before others', () => {
  const ended = { how: 'continue', at: '2026-11-29T13:00:00Z' } as const;
  const old = asked(1);
  const later = Array.from({ length: 40 }, (_, index) => asked(index + 2, { unanswered: ended }));
  const shown = questionsInFigures([old, ...later]);
  expect(shown[0]).toEqual(old);
  expect(shown.at(-1)?.id).toBe('mate.41');
});

test.each([
  ['2', 'Q3'],
  [' q2 ', 'Q2'],
  ['3', '3'],
  ['Neither.', 'Neither.'],
])('the words %j mean %j', (words, meaning) => {
  expect(chosen({ choices: ['Q2', 'Q3'] }, words)).toBe(meaning);
});

test('an answer that is no answer is refused', async () => {
  await expect(give('Ann', ' ')).rejects.toThrow('the answer is empty');
  await expect(give('Ann', 'x'.repeat(5_000))).rejects.toThrow('the limit is 4096');
  const away = { id: '../state.1', by: 'Ann', text: 'x', via: 'agentteam' } as const;
  await expect(writeAnswer(control, away)).rejects.toThrow('is not the id of a question');
  expect(answerDirectory(control, 'mate')).toBe(join(control, 'answers/mate'));
});
