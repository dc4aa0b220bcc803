import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentSpec, LEAD } from '@agentteam/contract';
import { createRoster, formatProtocolMail, readInbox, sendMail } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Conversation } from '../../src/agent/conversation.ts';
import { IncomingMail } from '../../src/agent/incoming-mail.ts';
import { Journal } from '../../src/agent/journal.ts';
import { OwnState } from '../../src/agent/own-state.ts';
import { Wake } from '../../src/agent/wake.ts';
import { never } from '../support/team.ts';

let directory: string;
let mail: IncomingMail;
let journal: Journal;
let wake: Wake;

const native = () => ({ team: 'crew', teams: directory, tasks: directory });
const waiting = () => readInbox(native(), LEAD);
const told = () => journal.deliveries.map(({ text }) => text);

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
  const places = {
    ...{ native: native(), home: place, session: place, projects: place, skills: place },
    ...{ state: place, ownState: place, control: place, gateway: place, cache: place },
  };
  journal = await Journal.open(directory);
  wake = new Wake();
  const conversation = new Conversation(journal, wake.ring);
  const state = await OwnState.begin(places, { name: LEAD, work: '' }, 0);
  const members = ['one', 'two'].map((name) => ({ name }) as AgentSpec['members'][number]);
  const spec = { name: LEAD, members } as unknown as AgentSpec;
  mail = new IncomingMail({ spec, places, journal, conversation, state, wake });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('mail waits a moment for more, and rings when the moment is over', async () => {
  await sendMail(native(), LEAD, { from: 'one', text: 'first' });
  await mail.collect();
  expect(await waiting()).toHaveLength(1);
  await sendMail(native(), LEAD, { from: 'two', text: 'second' });
  await wake.next(never);
  await mail.collect();
  expect(await waiting()).toEqual([]);
  expect(told()).toEqual([expect.stringMatching(/first[\s\S]*second/)]);
});

test('quiet notices wait for other mail, however long', async () => {
  await sendNotice('one', true);
  await mail.collect();
  wake.after(500);
  await wake.next(never);
  await mail.collect();
  expect(await waiting()).toHaveLength(1);
  await sendNotice('two');
  await mail.collect();
  await wake.next(never);
  await mail.collect();
  expect(told()).toEqual([expect.stringMatching(/one is done[\s\S]*two is done/)]);
});

test('notices of agents whose end is told otherwise are dropped, and other mail is kept', async () => {
  mail.ignoreEndOf(['one']);
  await sendNotice('one');
  await mail.collect();
  expect(told()).toEqual([]);
  await sendMail(native(), LEAD, { from: 'one', text: 'by the way' });
  await mail.take();
  expect(await waiting()).toEqual([]);
  expect(told()).toEqual([expect.not.stringContaining('one is done')]);
});
