import { join } from 'node:path';
import { VOLUME } from '@agentteam/contract';
import type { SeenRequest } from '@agentteam/rehearsal';
import { formatProtocolMail, inboxFile, Journal, writeJson } from '@agentteam/volume';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD, REPORT } from './support/agent-team.ts';
import { told, toldMail } from './support/told.ts';

let team: AgentTeam;
afterEach(() => team.remove());

async function send(to: string, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await team.send('other', to, `(mail ${number})`);
}

/** What the agent had been told of the mail when it knew the one with this number. */
async function heard(number: number): Promise<readonly number[]> {
  return toldMail(await team.request((seen) => toldMail(seen).includes(number)));
}

describe('an idle agent', () => {
  // The lead is idle until all teammates have ended.
  const script = { 'team-lead': { turns: [{ text: 'I wait.' }] } };

  test('is told of its mail at once, in order', async () => {
    team = await AgentTeam.make({ script });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await send('team-lead', 1, 2, 3);
    expect(await heard(3)).toEqual([1, 2, 3]);
    await send('team-lead', 4);
    expect(await heard(4)).toEqual([1, 2, 3, 4]);
    expect(await team.inbox('team-lead')).toEqual([]);
  });

  test('hears each once, however often it is killed', async () => {
    team = await AgentTeam.make({ script });
    const first = await team.start('team-lead');
    await first.printed('turn ended');
    await send('team-lead', 1, 2);
    await heard(2);
    await first.kill();
    await send('team-lead', 3);
    const second = await team.start('team-lead', { attempt: 1 });
    await heard(3);
    await send('team-lead', 4);
    // Wherever it is: in the inbox, in the journal, or on its way to the agent.
    await second.kill();
    const third = await team.start('team-lead', { attempt: 2 });
    await heard(4);
    await third.kill();
    await team.start('team-lead', { attempt: 3 });
    await send('team-lead', 5);
    expect(await heard(5)).toEqual([1, 2, 3, 4, 5]);
  });
});

test('mail that a crash left in the journal and in the inbox is told once', async () => {
  team = await AgentTeam.make({ script: { 'team-lead': { turns: [{ text: 'I wait.' }] } } });
  const killed = await team.start('team-lead');
  await killed.printed('turn ended');
  await send('team-lead', 1);
  await heard(1);
  await killed.kill();
  const journal = await Journal.open(join(team.place.volume, VOLUME.sessions, 'team-lead'));
  await writeJson(inboxFile(team.native, 'team-lead'), journal.deliveries.at(-1)?.mail);
  expect(await team.inbox('team-lead')).toHaveLength(1);
  await team.start('team-lead', { attempt: 1 });
  await send('team-lead', 2);
  expect(await heard(2)).toEqual([1, 2]);
});

describe('a busy agent', () => {
  const script = {
    mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] },
  };

  test('is told at its next tool result', async () => {
    team = await AgentTeam.make({ script });
    const mate = await team.start('mate');
    await team.busy('mate');
    await send('mate', 1, 2);
    // They may be brought one by one.
    await team.queued('mate', '(mail 2)');
    await team.release('mate');
    expect(await mate.exited).toBe(0);
    const [, next, last] = team.seen;
    expect(next && toldMail(next)).toEqual([1, 2]);
    expect(last && toldMail(last)).toEqual([1, 2]);
  });

  test('hears each once when it is killed before that', async () => {
    team = await AgentTeam.make({ script });
    const killed = await team.start('mate');
    await team.busy('mate');
    await send('mate', 1, 2);
    await killed.printed('mail from');
    await killed.kill();
    await send('mate', 3);
    await team.release('mate');
    const mate = await team.start('mate', { attempt: 1 });
    expect(await mate.exited).toBe(0);
    const last = team.seen.at(-1);
    expect(last && toldMail(last)).toEqual([1, 2, 3]);
  });
});

describe('the lead', () => {
  const script = { 'team-lead': { turns: [{ text: 'I wait.' }] } };
  const notice = (quiet: boolean) =>
    formatProtocolMail({
      type: 'idle_notification',
      from: 'one',
      timestamp: new Date().toISOString(),
      idleReason: 'available',
      result: 'It works.',
      ...(quiet && { quiet }),
    });
  const teammates = { one: [], two: [] };

  test('is told in one turn of mail that comes within a moment', async () => {
    team = await AgentTeam.make({ teammates, script });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await Promise.all([1, 2, 3].map((number) => send('team-lead', number)));
    await team.send('one', 'team-lead', notice(false));
    await heard(3);
    await lead.printed('turn ended', 2);
    expect(team.seen).toHaveLength(2);
    expect(told(team.seen[1] as SeenRequest)).toContain('It works.');
  });

  test('is told of the last end, of all reports and of waiting mail in one turn', async () => {
    const turns = [{ text: 'I wait.' }, { until: { ended: true }, tools: [REPORT] }];
    team = await AgentTeam.make({ teammates, script: { 'team-lead': { turns } } });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await team.send('one', 'team-lead', notice(true));
    await team.endsWith('one', { report: 'It works.' });
    await team.endsWith('two', { report: 'Mine too.' });
    await team.send('two', 'team-lead', notice(false).replace('"one"', '"two"'));
    expect(await lead.exited).toBe(0);
    // Its first turn, and that of all reports, which has two requests.
    expect(team.seen).toHaveLength(3);
  });
});

describe('the end of a teammate', () => {
  const mail = (message: string) => ({
    name: 'SendMessage',
    input: { to: 'team-lead', summary: 'found', message },
  });
  const work = { name: 'Bash', input: { command: 'true' } };

  test.each([
    ['wakes the lead where it has not written', [work, COMPLETE, REPORT], undefined],
    ['wakes the lead no more where it has just written', [work, mail('It works.'), COMPLETE], true],
    [
      'wakes the lead where it went on working after its mail',
      [mail('So far.'), work, COMPLETE],
      undefined,
    ],
    [
      'wakes the lead where its mail was refused',
      [work, { ...mail('x'), input: { ...mail('x').input, to: 'nobody' } }, COMPLETE],
      undefined,
    ],
  ])('%s', async (_, tools, quiet) => {
    const turns = [{ tools: [...tools, REPORT] }, { text: 'Bye.' }];
    team = await AgentTeam.make({ script: { mate: { turns } } });
    expect(await (await team.start('mate')).exited).toBe(0);
    const notices = (await team.inbox('team-lead'))
      .filter(({ text }) => text.startsWith('{'))
      .map(({ text }) => JSON.parse(text));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ type: 'idle_notification', result: 'Done.' });
    expect(notices[0].quiet).toBe(quiet);
  });
});
