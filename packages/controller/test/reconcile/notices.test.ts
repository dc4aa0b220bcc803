import type { AgentLive, TeamLive } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import type { StoredTeam } from '../../src/reconcile/stored.ts';
import { BRIEFING_MS, gateCalls, waitCalls } from '../../src/reconcile/team/notices.ts';

const OPENED = '2026-01-01T00:00:00Z';
const JUST_OPENED = Date.parse(OPENED) + 1;

const team = {
  metadata: { name: 'brief', namespace: 'teams', uid: 'u' },
  spec: {
    lead: { prompt: 'Coordinate.' },
    teammates: [
      { name: 'writer', prompt: 'Write it.' },
      { name: 'editor', prompt: 'Edit it.', dependsOn: ['writer'] },
    ],
    lifecycle: {
      approvalGates: [
        { event: 'spawn-editor', channel: 'webhook', webhookUrl: 'https://hooks.test' },
      ],
    },
  },
} as unknown as StoredTeam;
const status = { approvals: [{ event: 'spawn-editor', openedAt: OPENED }] };
const figures = (writer: Partial<AgentLive>) =>
  ({ agents: [{ name: 'writer', role: 'teammate', ...writer }] }) as unknown as TeamLive;
const reports = (live: TeamLive | undefined, now: number) => {
  const { calls, waiting } = gateCalls(team, live, status, now);
  const data = calls.map(({ notification }) => notification.data as Record<string, unknown>);
  return { waiting, reports: data.map((one) => one['reports']) };
};

test('a gate’s call has the reports of those whose work it builds on', () => {
  const live = figures({ phase: 'completed', report: 'The draft stands.' });
  expect(reports(live, JUST_OPENED)).toEqual({
    waiting: false,
    reports: [[{ teammate: 'writer', report: 'The draft stands.' }]],
  });
});

test.each([
  ['nothing was heard of them yet', undefined],
  ['they are not known to have ended', figures({ phase: 'running' })],
])('it waits for them where %s, and not for long', (_, live) => {
  expect(reports(live, JUST_OPENED)).toEqual({ waiting: true, reports: [] });
  expect(reports(live, Date.parse(OPENED) + BRIEFING_MS)).toEqual({
    waiting: false,
    reports: [[]],
  });
});

const WAIT = {
  reason: 'usage-limit',
  since: '2026-01-01T00:00:00Z',
  until: '2026-01-01T05:00:00Z',
  told: true,
} as const;

/** @param webhook as in the team's spec. */
const told = (webhook: object | undefined, live: TeamLive, more = {}) =>
  waitCalls(
    { ...team, spec: { ...team.spec, observability: { webhook } } } as unknown as StoredTeam,
    live,
    { ...status, ...more },
  );

test('the webhook of a team is told once that the team waits for the provider', () => {
  const url = 'https://hooks.test/end';
  const live = figures({ waiting: WAIT });
  const [call] = told({ url }, live);
  expect(call).toMatchObject({
    event: 'waiting-for-provider',
    channel: { kind: 'webhook', url },
    notification: {
      message: expect.stringContaining('writer is waiting for the API: usage limit, until 2026'),
    },
  });
  const later = { ...WAIT, until: '2026-01-01T06:00:00Z' };
  expect(told({ url }, figures({ waiting: later }))[0]?.notification.id).toBe(
    call?.notification.id,
  );
  expect(told({ url }, figures({}))).toEqual([]);
  expect(told({ url, events: ['failed'] }, live)).toEqual([]);
  expect(told({ url, events: ['WaitingForProvider'] }, live)).toHaveLength(1);
  expect(told(undefined, live)).toEqual([]);
  expect(told({ url }, live, { completedAt: '2026-01-01T01:00:00Z' })).toEqual([]);
});
