import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inboxFile, JOURNAL_FILE, LIMITS, sendMail, volumeDirectories } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { temporaryDirectory } from '../../volume/test/temporary.ts';
import { readMessages } from '../src/index.ts';

const AGENTS = ['team-lead', ...Array.from({ length: 7 }, (_, index) => `mate-${index}`)];

/** Lines of a journal with as many messages as fit. */
function flood(bytes: number): string {
  const mail = Array.from({ length: 2_000 }, (_, number) => {
    return { from: 'a', text: '', timestamp: '', read: true, msg_id: `flood-${number}` };
  });
  const line = `${JSON.stringify({ mail })}\n`;
  return line.repeat(Math.ceil(bytes / line.length));
}

test("agents that flood their journals and inboxes leave people the team's latest mail", async () => {
  const volume = await temporaryDirectory();
  const { teams, tasks, sessions, control, state } = volumeDirectories(volume);
  const native = { team: 'crew', teams, tasks };
  const junk = flood(LIMITS.journalBytes * 2);
  for (const agent of AGENTS) {
    await mkdir(join(sessions, agent), { recursive: true });
    const own = Array.from({ length: 1_500 }, (_, number) => {
      const timestamp = `2026-11-29T12:00:00.${String(number % 1000).padStart(3, '0')}Z`;
      const mail = { from: 'a', text: 'x', timestamp, read: true, msg_id: `${agent}-${number}` };
      return `${JSON.stringify({ mail: [mail] })}\n`;
    });
    await writeFile(join(sessions, agent, JOURNAL_FILE), junk);
    await appendFile(join(sessions, agent, JOURNAL_FILE), own.join(''));
  }
  await sendMail(native, 'mate-1', { from: 'team-lead', text: 'Use October.' });
  await writeFile(inboxFile(native, 'mate-2'), 'x'.repeat(LIMITS.inboxBytes + 1));

  const { messages, leftOut } = await readMessages(native, { sessions, control, state }, AGENTS);
  expect(messages).toHaveLength(5_000);
  expect(messages.at(-1)).toMatchObject({ from: 'team-lead', to: 'mate-1', text: 'Use October.' });
  expect(leftOut).toEqual([
    'The inbox of mate-2 is larger than 8 MiB and was not read.',
    `Only the latest mail to ${AGENTS.join(', ')} is listed.`,
    'Only the latest 5000 messages of the team are listed.',
  ]);
});
