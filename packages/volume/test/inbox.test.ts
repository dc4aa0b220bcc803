import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { inboxDirectory, inboxFile, mailId, readInbox, sendMail, takeMail } from '../src/index.ts';
import { temporaryDirectory, temporaryTeam } from './temporary.ts';

const KNOWN = new Set(['a', 'b', 'team-lead']);

test('mail is stored as Claude Code writes it', async () => {
  const at = await temporaryTeam();
  const mail = await sendMail(at, 'worker', { from: 'team-lead', text: 'a\nb', summary: 's' });
  const text = await readFile(inboxFile(at, 'worker'), 'utf8');
  expect(text).toBe(
    [
      '[',
      '  {',
      '    "from": "team-lead",',
      '    "text": "a\\nb",',
      '    "summary": "s",',
      `    "timestamp": "${mail.timestamp}",`,
      '    "msgV": 1,',
      `    "msg_id": "${mail.msg_id}",`,
      '    "type": "message",',
      '    "read": false',
      '  }',
      ']',
    ].join('\n'),
  );
});

test('taking records mail, then removes it, and keeps read mail', async () => {
  const at = await temporaryTeam();
  const seen = { from: 'a', text: '0', timestamp: 't', read: true };
  await mkdir(inboxDirectory(at), { recursive: true });
  await writeFile(inboxFile(at, 'worker'), JSON.stringify([seen]));
  expect(await readInbox(at, 'worker')).toEqual([]);
  const first = await sendMail(at, 'worker', { from: 'a', text: '1' });
  const second = await sendMail(at, 'worker', { from: 'a', text: '2' });
  const recorded: (readonly [readonly string[], number])[] = [];
  const taken = await takeMail(at, 'worker', KNOWN, async ({ mail }) => {
    recorded.push([mail.map(({ text }) => text), (await readInbox(at, 'worker')).length]);
  });
  expect(taken.map(mailId)).toEqual([first.msg_id, second.msg_id]);
  expect(recorded).toEqual([[['1', '2'], 2]]);
  expect(JSON.parse(await readFile(inboxFile(at, 'worker'), 'utf8'))).toEqual([seen]);
  const again = await takeMail(at, 'worker', KNOWN, async () => void recorded.push([[], 0]));
  expect(again).toEqual([]);
  expect(recorded).toHaveLength(1);
});

test('mail that could not be recorded stays in the inbox', async () => {
  const at = await temporaryTeam();
  await sendMail(at, 'worker', { from: 'a', text: '1' });
  const failing = takeMail(at, 'worker', KNOWN, async () => {
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(await readInbox(at, 'worker')).toHaveLength(1);
});

test.each([
  ['cut off', '[{"from":"a","te'],
  ['not an array', '{"from":"a"}'],
  [
    'a list of entries with wrong fields',
    '[{"from":1,"text":"x","timestamp":"t","read":false},null,7]',
  ],
  ['empty', ''],
])('an inbox that is %s counts as empty, and receives mail again', async (_, content) => {
  const at = await temporaryTeam();
  await mkdir(inboxDirectory(at), { recursive: true });
  await writeFile(inboxFile(at, 'worker'), content);
  expect(await readInbox(at, 'worker')).toEqual([]);
  expect(await takeMail(at, 'worker', KNOWN, async () => {})).toEqual([]);
  await sendMail(at, 'worker', { from: 'b', text: 'hello' });
  expect((await readInbox(at, 'worker')).map(({ text }) => text)).toEqual(['hello']);
});

test.each(['../config', 'a/b', '', '..', '.hidden', 'a\0b', 'x'.repeat(200)])(
  'the name %j is refused',
  async (name) => {
    const at = await temporaryTeam();
    await expect(sendMail(at, name, { from: 'a', text: '1' })).rejects.toThrow(RangeError);
    await expect(readInbox(at, name)).rejects.toThrow(RangeError);
  },
);

test('a link that replaces an inbox, or the directory of inboxes, is not followed', async () => {
  const at = await temporaryTeam();
  const elsewhere = await temporaryDirectory();
  const secret = join(elsewhere, 'worker.json');
  const mail = '[{"from":"a","text":"secret","timestamp":"t","read":false}]';
  await writeFile(secret, mail);
  await mkdir(inboxDirectory(at), { recursive: true });
  await symlink(secret, inboxFile(at, 'worker'));
  expect(await readInbox(at, 'worker')).toEqual([]);
  await sendMail(at, 'worker', { from: 'b', text: 'mine' });
  expect((await readInbox(at, 'worker')).map(({ text }) => text)).toEqual(['mine']);
  expect(await readFile(secret, 'utf8')).toBe(mail);

  const other = { ...at, team: 'other' };
  await mkdir(dirname(inboxDirectory(other)), { recursive: true });
  await symlink(elsewhere, inboxDirectory(other));
  await expect(sendMail(other, 'worker', { from: 'b', text: 'x' })).rejects.toThrow(
    'is not a directory',
  );
  expect(await readFile(secret, 'utf8')).toBe(mail);
});
