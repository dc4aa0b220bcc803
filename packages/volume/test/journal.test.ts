import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  type Delivery,
  JOURNAL_FILE,
  Journal,
  LIMITS,
  type Mail,
  readDeliveredMail,
  readTurns,
} from '../src/index.ts';
import { temporaryDirectory } from './temporary.ts';

const delivery = (uuid: string, text: string, mail: readonly Mail[] = []): Delivery => ({
  uuid,
  text,
  at: '2026-11-23T16:31:30.000Z',
  mail,
});

test('a journal survives its process, and drops a last line that was cut off', async () => {
  const directory = await temporaryDirectory();
  const journal = await Journal.open(directory);
  await journal.addDelivery(delivery('1', 'begin'));
  await journal.addTurnEnd('done so far');
  await journal.addDelivery(delivery('2', 'continue'));
  await appendFile(join(directory, JOURNAL_FILE), '{"type":"delivery","uu');
  const again = await Journal.open(directory);
  expect(again.deliveries.map(({ uuid }) => uuid)).toEqual(['1', '2']);
  expect(again.lastText).toBe('done so far');
  expect(again.isInTurn).toBe(true);
  await again.addTurnEnd('all done');
  expect((await Journal.open(directory)).isInTurn).toBe(false);
});

test('what a journal writes is read back as mail, once for each message', async () => {
  const directory = await temporaryDirectory();
  const timestamp = '2026-11-23T16:31:03.000Z';
  const mail = { from: 'researcher', text: 'Sales grew.', timestamp, read: false, msg_id: 'm-1' };
  const journal = await Journal.open(directory);
  await journal.addDelivery(delivery('1', 'as the model read it', [mail]));
  await journal.addDelivery(delivery('2', 'once more after a restart', [mail]));
  await journal.addTurnEnd('Read.');
  const text = await readFile(join(directory, JOURNAL_FILE), 'utf8');
  expect(readDeliveredMail(`${text}not JSON\n{"mail":[{"from":1}]}\n`)).toEqual({
    mail: [mail],
    isCut: false,
  });
});

test('a turn lasts from its first message to its end, and lines of an agent are skipped', async () => {
  const directory = await temporaryDirectory();
  const journal = await Journal.open(directory);
  await journal.addDelivery(delivery('1', 'begin'));
  await journal.addDelivery({ ...delivery('2', 'more'), at: '2026-11-23T16:32:00.000Z' });
  await journal.addTurnEnd('done so far');
  await journal.addDelivery({ ...delivery('3', 'continue'), at: '2026-11-23T16:33:00.000Z' });
  const text = await readFile(join(directory, JOURNAL_FILE), 'utf8');
  const forged = 'null\n{"type":"turn-ended","at":"late"}\n';
  const turns = [
    { from: '2026-11-23T16:31:30.000Z', to: expect.any(String) },
    { from: '2026-11-23T16:33:00.000Z' },
  ];
  expect(readTurns(`${text}${forged}`, 10)).toEqual(turns);
  expect(readTurns(text, 1)).toEqual(turns.slice(0, 1));
});

test('of a flood of mail in a journal, the latest is listed', () => {
  const line = (number: number, text = '') => {
    const mail = { from: 'a', text, timestamp: '', read: true, msg_id: `${number}` };
    return `${JSON.stringify({ mail: [mail] })}\n`;
  };
  const many = Array.from({ length: 50_000 }, (_, number) => line(number)).join('');
  const { mail, isCut } = readDeliveredMail(many);
  expect(isCut).toBe(true);
  expect(mail).toHaveLength(LIMITS.listedMail);
  expect([mail[0]?.msg_id, mail.at(-1)?.msg_id]).toEqual(['48000', '49999']);

  const long = Array.from({ length: 100 }, (_, number) => line(number, 'x'.repeat(32_768)));
  expect(readDeliveredMail(long.join('')).mail).toHaveLength(
    LIMITS.listedCharacters / LIMITS.mailCharacters,
  );
});
