import { EXIT } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { readReport } from '../../src/agent/report-tool.ts';
import { AgentTeam, COMPLETE, HOLD, report } from './support/agent-team.ts';
import { answerOf, messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team?.remove());

const FAILED = { outcome: 'failed', summary: 'I tried.', reason: 'the module does not exist' };

test.each([
  ['an unknown outcome', { outcome: 'done', summary: 'x' }, /^outcome must be one of/],
  ['no summary', { outcome: 'completed' }, /^summary must say/],
  ['a summary of hidden characters', { outcome: 'completed', summary: '\u200B' }, /^summary must/],
  ['a failure without a reason', { outcome: 'failed', summary: 'x' }, /^reason must say why/],
  ['a reason that is not text', { ...FAILED, reason: {} }, /^reason must say why/],
])('the tool refuses %s, and says why', (_, input, problem) => {
  expect(readReport(input)).toMatchObject({ problem: expect.stringMatching(problem) });
});

test('hidden characters in a report become visible, and long texts are cut', () => {
  const reason = `no\u202E\u001B[31m way${'!'.repeat(5_000)}`;
  const read = readReport({ ...FAILED, reason });
  expect(read).toMatchObject({ report: { outcome: 'failed' } });
  const { report: found } = read as { report: { reason: string } };
  expect(found.reason).toMatch(/^no\[U\+202E\] way!/);
  expect(found.reason.length).toBeLessThanOrEqual(2_048);
});

test('an agent that reports completed completes with its summary as its report', async () => {
  const turns = [{ tools: [COMPLETE, report({ summary: 'It is in a.txt.' })] }, { text: 'Bye.' }];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.ok);
  const state = await team.state('mate');
  expect(state).toMatchObject({ phase: 'completed', report: 'It is in a.txt.' });
  expect(state).not.toHaveProperty('message');
  // The agent was not asked anything.
  expect(team.seen).toHaveLength(2);
});

test('an agent that reports a failure fails its step finally, and the lead gets the reason', async () => {
  const turns = [{ tools: [COMPLETE, report(FAILED)] }, { text: 'Bye.' }];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.reportedFailed);
  const message = 'reported failed: the module does not exist';
  expect(await mate.terminationMessage()).toBe(message);
  expect(await team.state('mate')).toMatchObject({ phase: 'failed', message, report: 'I tried.' });
  const notice = JSON.parse((await team.inbox('team-lead')).at(-1)?.text ?? '');
  expect(notice).toMatchObject({ idleReason: 'failed', failureReason: message });
});

test('an agent that reports a failure without a reason again and again has not completed', async () => {
  const invalid = report({ outcome: 'failed', summary: 'I tried.' });
  const turns = [
    { tools: [COMPLETE, invalid] },
    { text: 'Bye.' },
    { tools: [invalid] },
    { text: 'Bye.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.reportedFailed);
  expect(await team.state('mate')).toMatchObject({
    phase: 'failed',
    message: expect.stringContaining('reason must say why the outcome is failed'),
  });
  // It was asked once.
  expect(team.seen).toHaveLength(4);
});

test('the latest of several reports counts', async () => {
  const turns = [
    { tools: [report(FAILED)] },
    { tools: [COMPLETE, report({ summary: 'After all.' })] },
    { text: 'Bye.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  expect(await (await team.start('mate')).exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'After all.' });
});

test('a report before a crash is kept, and not asked for again', async () => {
  const turns = [{ tools: [COMPLETE, report({ summary: 'Said before.' })] }, { tools: [HOLD] }];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const first = await team.start('mate');
  await team.busy('mate');
  await first.kill();
  expect(await team.state('mate')).toMatchObject({ reported: { summary: 'Said before.' } });
  await team.release('mate');
  expect(await (await team.start('mate', { attempt: 1 })).exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Said before.' });
  expect(messagesTo(team.seen.at(-1) as never)).not.toContain(
    'you have not reported how you ended',
  );
});

test('a reported failure ends only its own attempt: in the next one the agent is told to try again', async () => {
  const turns = [
    { tools: [COMPLETE, report({ ...FAILED, outcome: 'blocked' })] },
    { text: 'I wait for a person.' },
    { tools: [report({ summary: 'Now it works.' })] },
    { text: 'Bye.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  expect(await (await team.start('mate')).exited).toBe(EXIT.reportedBlocked);
  expect(await (await team.start('mate', { attempt: 1 })).exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Now it works.' });
  expect(messagesTo(team.seen.at(-1) as never)).toContain(
    'Your step is running again. In the last attempt you reported blocked: the module does not exist',
  );
});

test('the lead cannot report before its teammates have ended', async () => {
  const turns = [
    { tools: [report({ summary: 'Already.' })] },
    { text: 'I wait.' },
    { until: { ended: true }, tools: [report({ summary: 'All is done.' })] },
  ];
  team = await AgentTeam.make({ script: { 'team-lead': { turns } } });
  const lead = await team.start('team-lead');
  await lead.printed('turn ended');
  const answer = answerOf(team.seen.at(-1) as never, 'toolu_team-lead_1_1_1');
  expect(answer).toMatchObject({
    isError: true,
    text: expect.stringContaining('Your teammates are still working'),
  });
  await team.endsWith('mate', { report: 'It works.' });
  expect(await lead.exited).toBe(EXIT.ok);
  expect(await team.state('team-lead')).toMatchObject({ report: 'All is done.' });
});

test('a lead that does not report has not completed', async () => {
  const turns = [{ text: 'I wait.' }, { until: { ended: true }, text: 'The bug is not fixed.' }];
  team = await AgentTeam.make({ script: { 'team-lead': { turns } } });
  await team.endsWith('mate', { report: 'It works.' });
  const lead = await team.start('team-lead');
  expect(await lead.exited).toBe(EXIT.unreported);
  expect(await team.state('team-lead')).toMatchObject({
    phase: 'failed',
    message: expect.stringContaining('ended without a report'),
    report: 'The bug is not fixed.',
  });
});

test('the step waits for a background task, whose end starts another turn', async () => {
  const slow = {
    description: 'Slow build',
    run_in_background: true,
    command: 'sleep 3; echo built > built',
  };
  const turns = [
    { tools: [{ name: 'Bash', input: slow }] },
    { text: 'It runs; I am told when it ends.' },
    { tools: [{ name: 'Bash', input: { command: 'cat built' } }, COMPLETE, report()] },
    { text: 'Bye.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  expect(await (await team.start('mate')).exited).toBe(EXIT.ok);
  const last = team.seen.at(-1) as never;
  expect(answerOf(last, 'toolu_mate_3_1_1')).toMatchObject({ text: 'built', isError: false });
  expect(messagesTo(last)).not.toContain('are not completed');
});

test('an agent whose reply is cut off again and again is asked once more, with the reason', async () => {
  const cut = { text: 'The result is', stopReason: 'max_tokens' as const };
  const turns = [{ tools: [COMPLETE] }, ...Array.from({ length: 8 }, () => cut)];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  expect(await (await team.start('mate')).exited).toBe(EXIT.ok);
  const words = 'was cut off at the token limit';
  expect(messagesTo(team.seen.at(-1) as never)).toContain(`Your last message ${words}.`);
  expect(await team.state('mate')).toMatchObject({
    message: expect.stringContaining(`its last message ${words}`),
    report: `(no report: its last message ${words})`,
  });
});
