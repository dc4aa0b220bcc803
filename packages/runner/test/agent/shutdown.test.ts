import { EXIT } from '@agentteam/contract';
import type { ToolCall } from '@agentteam/rehearsal';
import { formatProtocolMail } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { takeWork } from '../../src/git/handover/take.ts';
import { inOwn } from '../../src/git/options.ts';
import { openRepository } from '../../src/git/repository.ts';
import { shell } from '../support/shell.ts';
import { never } from '../support/team.ts';
import { AgentTeam, COMPLETE, HOLD, REPORT } from './support/agent-team.ts';
import { HOLD_IN_TREE, makeCodingAgents, releaseTrees } from './support/coding-team.ts';
import { messagesTo } from './support/messages.ts';
import type { Pod } from './support/pod.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const REQUEST = 'shutdown-1@mate';

function answer(approve: boolean): object {
  const message = { type: 'shutdown_response', request_id: REQUEST, approve };
  const reason = approve ? {} : { reason: 'Not before my task is done.' };
  return { to: 'team-lead', message: { ...message, ...reason } };
}

const reply = (approve: boolean) => ({ name: 'SendMessage', input: { ...answer(approve) } });

async function sendRequest(): Promise<void> {
  const timestamp = new Date().toISOString();
  const request = { requestId: REQUEST, from: 'team-lead', reason: 'All is done.', timestamp };
  await team.send(
    'team-lead',
    'mate',
    formatProtocolMail({ type: 'shutdown_request', ...request }),
  );
}

/** Asks a busy agent to shut down. @param before the tools that it calls before it answers. */
async function requestShutdown(approve: boolean, before: readonly ToolCall[] = []): Promise<Pod> {
  const turns = [
    { tools: [HOLD] },
    { tools: [...before, reply(approve)] },
    { tools: [COMPLETE, REPORT] },
    { text: 'Done.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const mate = await team.start('mate');
  await team.busy('mate');
  await sendRequest();
  await team.queued('mate', REQUEST);
  await team.release('mate');
  return mate;
}

async function protocolMail(): Promise<readonly Record<string, unknown>[]> {
  const inbox = await team.inbox('team-lead');
  return inbox.filter(({ text }) => text.startsWith('{')).map(({ text }) => JSON.parse(text));
}

test('an agent that approves a shutdown ends, and the lead is informed', async () => {
  const mate = await requestShutdown(true, [COMPLETE, REPORT]);
  expect(await mate.exited).toBe(0);
  expect(await protocolMail()).toContainEqual(
    expect.objectContaining({ type: 'shutdown_approved', requestId: REQUEST, from: 'mate' }),
  );
  expect(await team.state('mate')).toMatchObject({ phase: 'completed' });
  expect(await team.roster()).not.toHaveProperty('mate');
  const asked = team.seen.at(-1);
  // The model reads the exact call with which it can approve.
  expect(asked && messagesTo(asked)).toContain(JSON.stringify(answer(true)));
});

test('an agent that approves before it has reported cannot be asked for a report', async () => {
  const mate = await requestShutdown(true, [COMPLETE]);
  expect(await mate.exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    message: expect.stringContaining('ended without a report'),
  });
});

test('an agent that approves with an open task has not completed', async () => {
  const mate = await requestShutdown(true);
  expect(await mate.exited).toBe(EXIT.unfinished);
  const message = 'approved a shutdown with open tasks: #1 Do the part of mate.';
  expect(await team.state('mate')).toMatchObject({ phase: 'failed', message });
  expect((await team.inbox('team-lead')).at(-1)?.text).toContain(message);
});

test('an agent that declines finishes its work', async () => {
  const mate = await requestShutdown(false);
  expect(await mate.exited).toBe(0);
  const mail = await protocolMail();
  expect(mail.map(({ type }) => type)).not.toContain('shutdown_approved');
  expect(JSON.stringify(await team.inbox('team-lead'))).toContain('Not before my task is done.');
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
});

test('uncommitted work is kept when an agent approves a shutdown', async () => {
  const write = { name: 'Bash', input: { command: 'echo mine > mine.txt' } };
  team = await makeCodingAgents({
    script: { mate: { turns: [{ tools: [write, HOLD_IN_TREE] }, { tools: [reply(true)] }] } },
  });
  const mate = await team.start('mate');
  await sendRequest();
  await mate.printed('mail from lead');
  await releaseTrees(team);
  expect(await mate.exited).toBe(EXIT.unfinished);
  const repository = await openRepository(team.place.root, team.spec);
  const lead = inOwn(repository, 'team-lead', never);
  const work = await takeWork(repository, 'mate', lead);
  expect(await shell(lead.cwd, `git show ${work?.commit}:mine.txt`)).toBe('mine');
});
