import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentSpec, LEAD } from '@agentteam/contract';
import { createRoster, formatProtocolMail, Journal, readInbox, sendMail } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { claudeCode } from '../../src/agent/claude-code/claude-code.ts';
import { ChangeNotifier } from '../../src/agent/member/change-notifier.ts';
import { Conversation } from '../../src/agent/member/conversation.ts';
import { IncomingMail } from '../../src/agent/member/incoming-mail.ts';
import { OwnState } from '../../src/agent/own-state.ts';
import { never } from '../support/team.ts';

let directory: string;
let mail: IncomingMail;
let journal: Journal;
let conversation: Conversation;
let changes: ChangeNotifier;

const native = () => ({ team: 'crew', teams: directory, tasks: directory });
const waiting = () => readInbox(native(), LEAD);
const recorded = () => journal.deliveries.map(({ text }) => text);

function sendNotice(from: string, quiet?: boolean) {
  const timestamp = new Date().toISOString();
  const notice = { from, timestamp, idleReason: 'available', result: `${from} is done.` } as const;
  const more = quiet === undefined ? {} : { quiet };
  const text = formatProtocolMail({ type: 'idle_notification', ...notice, ...more });
  return sendMail(native(), LEAD, { from, text });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mail-'));
  const roster = { name: 'crew', createdAt: 1, leadAgentId: '', leadSessionId: '', members: [] };
  await createRoster(native(), roster);
  const place = directory;
  const directories = {
    ...{ native: native(), home: place, session: place, skills: place, plugins: place },
    ...{ state: place, ownState: place, control: place, gateway: place, cache: place },
  };
  journal = await Journal.open(directory);
  changes = new ChangeNotifier();
  conversation = new Conversation(journal, changes.notify);
  const state = await OwnState.begin(directories, { name: LEAD, work: '' }, 0);
  const members = ['one', 'two'].map((name) => ({ name }) as AgentSpec['members'][number]);
  const spec = { name: LEAD, members } as unknown as AgentSpec;
  const cli = claudeCode;
  mail = new IncomingMail({ cli, spec, directories, journal, conversation, state, changes });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('mail for an idle agent waits a moment for more mail', async () => {
  await sendMail(native(), LEAD, { from: 'one', text: 'first' });
  await mail.collect();
  expect(await waiting()).toHaveLength(1);
  await sendMail(native(), LEAD, { from: 'two', text: 'second' });
  await changes.next(never);
  await mail.collect();
  expect(await waiting()).toEqual([]);
  expect(recorded()).toEqual([expect.stringMatching(/first[\s\S]*second/)]);
});

test('quiet notices wait for other mail, no matter how long', async () => {
  await sendNotice('one', true);
  await mail.collect();
  changes.notifyAfter(500);
  await changes.next(never);
  await mail.collect();
  expect(await waiting()).toHaveLength(1);
  await sendNotice('two');
  await mail.collect();
  await changes.next(never);
  await mail.collect();
  expect(recorded()).toEqual([expect.stringMatching(/one is done[\s\S]*two is done/)]);
});

test('a quiet notice alone does not start another turn of a busy agent', async () => {
  conversation.handle({ type: 'delivered', uuid: 'first' });
  await sendNotice('one', true);
  await mail.collect();
  expect(await waiting()).toHaveLength(1);
  await sendMail(native(), LEAD, { from: 'two', text: 'look' });
  await mail.collect();
  expect(await waiting()).toEqual([]);
  expect(recorded()).toEqual([expect.stringMatching(/one is done[\s\S]*look/)]);
});

test('ignored idle notices are dropped, and other mail of the same agents is kept', async () => {
  mail.ignoreNoticesOf(['one']);
  await sendNotice('one');
  await mail.collect();
  expect(recorded()).toEqual([]);
  await sendMail(native(), LEAD, { from: 'one', text: 'by the way' });
  await mail.take();
  expect(await waiting()).toEqual([]);
  expect(recorded()).toEqual([expect.not.stringContaining('one is done')]);
});
