import { randomUUID } from 'node:crypto';
import { FIGURES, PATHS } from '@agentteam/contract';
import { askToRecord, openAnswer } from '@agentteam/figures';
import { readAnswer } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { FIGURES_KEY, CONTROLLER_RUN as OF, startForController } from './team.ts';

const ANSWER = { id: 'worker.1', text: 'Q3 \u001b[31m…', by: 'ada', via: 'annotation' };

/** A gateway that has the key, and a function that passes an answer to it. */
async function start() {
  const { team, gateway } = await startForController();
  const pass = async (answer: object, key = FIGURES_KEY) => {
    const { nonce, headers } = askToRecord(key, OF, 'worker', JSON.stringify(answer));
    const url = `${gateway.address.statusUrl}/${FIGURES.answerPath}`;
    const response = await fetch(url, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    const open = () => JSON.parse(openAnswer(key, OF, 'worker', nonce, body)) as object;
    return { status: response.status, open };
  };
  return { pass, control: team.root + PATHS.control };
}

test('a gateway records the first answer that the controller passes on', async () => {
  const { pass, control } = await start();
  expect((await pass(ANSWER)).open()).toMatchObject({ isFirst: true });
  expect(await readAnswer(control, 'worker', 1)).toMatchObject({ text: 'Q3 …', by: 'ada' });
  const later = await pass({ ...ANSWER, text: 'Q2', by: 'bob' });
  expect(later.open()).toMatchObject({ isFirst: false, answer: { by: 'ada' } });
  const longest = { ...ANSWER, id: 'worker.2', text: '漢'.repeat(4_096) };
  expect((await pass(longest)).open()).toMatchObject({ isFirst: true });
});

test('it records nothing for those who do not have the key, and nothing that is no answer', async () => {
  const { pass, control } = await start();
  expect((await pass(ANSWER, randomUUID())).status).toBe(403);
  expect(await readAnswer(control, 'worker', 1)).toBeUndefined();
  expect((await pass({ ...ANSWER, id: '../../state' })).open()).toMatchObject({
    refused: expect.stringContaining('is not the id of a question'),
  });
  expect((await pass({ id: 'worker.1' })).open()).toEqual({ refused: 'it is not an answer' });
});
