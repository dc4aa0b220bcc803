import { join } from 'node:path';
import { VOLUME } from '@agentteam/contract';
import { formatProtocolMail, inboxFile, Journal, writeJson } from '@agentteam/volume';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD, REPORT } from './support/agent-team.ts';
import { mailNumbers, messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

async function send(to: string, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await team.send('other', to, `(mail ${number})`);
}

/** The numbers of all mail that the agent had read when it had read this one. */
async function readUpTo(number: number): Promise<readonly number[]> {
  return mailNumbers(await team.request((seen) => mailNumbers(seen).includes(number)));
}

describe('an idle agent', () => {
  // The lead is idle until all teammates have ended.
  const script = { 'team-lead': { turns: [{ text: 'I wait.' }] } };

  test('reads its mail at once, in order', async () => {
    team = await AgentTeam.make({ script });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await send('team-lead', 1, 2, 3);
    expect(await readUpTo(3)).toEqual([1, 2, 3]);
    await send('team-lead', 4);
    expect(await readUpTo(4)).toEqual([1, 2, 3, 4]);
    expect(await team.inbox('team-lead')).toEqual([]);
  });

  test('reads each mail once, no matter how often it is killed', async () => {
    team = await AgentTeam.make({ script });
    const first = await team.start('team-lead');
    await first.printed('turn ended');
    await send('team-lead', 1, 2);
    await readUpTo(2);
    await first.kill();
    await send('team-lead', 3);
    const second = await team.start('team-lead', { attempt: 1 });
    await readUpTo(3);
    await send('team-lead', 4);
    // The mail may be in the inbox, in the journal, or on its way to the agent.
    await second.kill();
    const third = await team.start('team-lead', { attempt: 2 });
    await readUpTo(4);
    await third.kill();
    await team.start('team-lead', { attempt: 3 });
    await send('team-lead', 5);
    expect(await readUpTo(5)).toEqual([1, 2, 3, 4, 5]);
  });
});

test('mail that a crash left in both the journal and the inbox is delivered once', async () => {
  team = await AgentTeam.make({ script: { 'team-lead': { turns: [{ text: 'I wait.' }] } } });
  const killed = await team.start('team-lead');
  await killed.printed('turn ended');
  await send('team-lead', 1);
  await readUpTo(1);
  await killed.kill();
  const journal = await Journal.open(join(team.place.volume, VOLUME.sessions, 'team-lead'));
  await writeJson(inboxFile(team.native, 'team-lead'), journal.deliveries.at(-1)?.mail);
  expect(await team.inbox('team-lead')).toHaveLength(1);
  await team.start('team-lead', { attempt: 1 });
  await send('team-lead', 2);
  expect(await readUpTo(2)).toEqual([1, 2]);
});

describe('a busy agent', () => {
  const script = {
    mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] },
  };

  test('reads its mail after the next tool result', async () => {
    team = await AgentTeam.make({ script });
    const mate = await team.start('mate');
    await team.busy('mate');
    await send('mate', 1, 2);
    // They may be delivered one by one.
    await team.queued('mate', '(mail 2)');
    await team.release('mate');
    expect(await mate.exited).toBe(0);
    const [, next, last] = team.seen;
    expect(next && mailNumbers(next)).toEqual([1, 2]);
    expect(last && mailNumbers(last)).toEqual([1, 2]);
  });

  test('reads each mail once if it is killed before that', async () => {
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
    expect(last && mailNumbers(last)).toEqual([1, 2, 3]);
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

  test('reads the mail and the report of a teammate that is idle', async () => {
    team = await AgentTeam.make({ teammates, script });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await Promise.all([1, 2, 3].map((number) => send('team-lead', number)));
    await team.send('one', 'team-lead', notice(false));
    await readUpTo(3);
    await team.request((seen) => messagesTo(seen).includes('It works.'));
  });

  test('reads all reports and waiting mail in one turn when the last teammate has ended', async () => {
    const turns = [{ text: 'I wait.' }, { until: { ended: true }, tools: [REPORT] }];
    team = await AgentTeam.make({ teammates, script: { 'team-lead': { turns } } });
    const lead = await team.start('team-lead');
    await lead.printed('turn ended');
    await team.send('one', 'team-lead', notice(true));
    await team.endsWith('one', { report: 'It works.' });
    await team.endsWith('two', { report: 'Mine too.' });
    await team.send('two', 'team-lead', notice(false).replace('"one"', '"two"'));
    expect(await lead.exited).toBe(0);
    // One request of its first turn, and two of the turn with all reports.
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
    ['wakes the lead if the teammate has not written to it', [work, COMPLETE, REPORT], undefined],
    [
      'does not wake the lead if the teammate has just written to it',
      [work, mail('It works.'), COMPLETE],
      true,
    ],
    [
      'wakes the lead if the teammate continued to work after its mail',
      [mail('So far.'), work, COMPLETE],
      undefined,
    ],
    [
      'wakes the lead if the mail was refused',
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
