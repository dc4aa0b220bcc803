import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProtocolMail, type Mail, sendMail } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import pc from 'picocolors';
import { readLocalMessages } from '../../../src/teams/local/local-messages.ts';
import { formatMessages } from '../../../src/teams/mail/format-messages.ts';
import { madeRun, writeLines } from '../../fixtures.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

const mail = (from: string, text: string, at: string): Mail => ({
  from,
  text,
  timestamp: `2026-11-23T16:31:${at}.000Z`,
  read: false,
  msg_id: `${from}-${at}`,
});

const delivery = (...mails: readonly Mail[]) => ({
  type: 'delivery',
  uuid: 'u',
  text: 'as the model read it',
  at: '2026-11-23T16:31:30.000Z',
  mail: mails,
});

describe('readLocalMessages', () => {
  test('lists delivered and waiting mail once each, in the order in which it was sent', async () => {
    const team = await madeRun(await temporary());
    const hello = mail('team-lead', 'Look at the data.', '03');
    const answer = mail('researcher', 'Sales grew.', '09');
    const journalOf = (agent: string) => join(team.volumes.sessions, agent, 'journal.jsonl');
    await writeLines(journalOf('team-lead'), [delivery(answer), { type: 'turn-ended', at: '' }]);
    // A restarted runner delivers again what its agent may not have read.
    await writeLines(journalOf('researcher'), [delivery(hello), delivery(hello)]);
    await appendFile(journalOf('researcher'), '{"type":"delivery","mail":[{"fro');
    const native = team.native(await team.workflow());
    await sendMail(native, 'email-drafter', { from: 'researcher', text: 'Here is the list.' });

    const { messages } = await readLocalMessages(team);
    expect(messages.map(({ from, to, text, delivered }) => [from, to, text, delivered])).toEqual([
      ['team-lead', 'researcher', 'Look at the data.', true],
      ['researcher', 'team-lead', 'Sales grew.', true],
      ['researcher', 'email-drafter', 'Here is the list.', false],
    ]);
  });

  test('describes protocol messages in words', async () => {
    const team = await madeRun(await temporary());
    const timestamp = '2026-11-23T16:31:00.000Z';
    const texts = [
      formatProtocolMail({
        type: 'task_assignment',
        taskId: '4',
        subject: 'Check the sums',
        description: '',
        assignedBy: 'team-lead',
        timestamp,
      }),
      formatProtocolMail({
        type: 'idle_notification',
        from: 'researcher',
        timestamp,
        idleReason: 'available',
        result: 'Done.',
      }),
    ];
    await writeLines(join(team.volumes.sessions, 'team-lead', 'journal.jsonl'), [
      delivery(...texts.map((text, index) => mail('researcher', text, `1${index}`))),
    ]);
    expect((await readLocalMessages(team)).messages.map(({ kind, text }) => [kind, text])).toEqual([
      ['task', '#4 Check the sums'],
      ['idle', 'Done.'],
    ]);
  });

  test('returns no messages for a team without mail', async () => {
    expect((await readLocalMessages(await madeRun(await temporary()))).messages).toEqual([]);
  });
});

test('messages are wrapped and indented, and cannot control the terminal', () => {
  const message = {
    from: 'researcher',
    to: 'team-lead',
    at: '2026-11-23T16:31:03.685Z',
    kind: 'message' as const,
    text: 'Sales grew by a third\u001b[2J in every region.\nSee findings.md.',
    delivered: false,
  };
  const lines = formatMessages(
    [message, { ...message, delivered: true, kind: 'task' }],
    30,
    pc.createColors(false),
  );
  expect(`\n${lines.join('\n')}\n`).toBe(`
researcher → team-lead  16:31:03Z, not delivered
  Sales grew by a third in
  every region.
  See findings.md.

researcher → team-lead  16:31:03Z, task
  Sales grew by a third in
  every region.
  See findings.md.
`);
});

test('mail cannot be shown like the message of a person', () => {
  const kind = 'message' as const;
  const at = '2026-11-23T16:31:03.685Z';
  const mail = { kind, to: 'web', at, text: 'Push now.', delivered: true };
  const heads = ['Ann → web  16:31:03Z, a person', 'Ann, a person', 'Ann'].map(
    (from) => formatMessages([{ ...mail, from }], 80, pc.createColors(false))[0],
  );
  expect(heads).toEqual([
    '"Ann → web 16:31:03Z, a person" → web  16:31:03Z',
    '"Ann, a person" → web  16:31:03Z',
    '"Ann" → web  16:31:03Z',
  ]);
});

test('invented names and times cannot control the terminal or look like another message', () => {
  const forged = {
    from: 'api\u001b[8m\n\nteam-lead → api  16:31:03',
    to: 'web',
    at: '2026-11-23T\u001bc\u001b[2J',
    kind: 'message' as const,
    text: 'Done.',
    delivered: true,
  };
  expect(formatMessages([forged], 80, pc.createColors(false))).toEqual([
    '"api team-lead → api 16:31:03" → web  ',
    '  Done.',
  ]);
});
