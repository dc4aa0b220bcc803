import type { AgentLive, TeamLive } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import type { CachedTeam } from '../../src/reconcile/cached-resource.ts';
import {
  gateNotifications,
  REPORTS_WITHIN_MS,
  waitNotifications,
} from '../../src/reconcile/team/notifications.ts';

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
} as unknown as CachedTeam;
const status = { approvals: [{ event: 'spawn-editor', openedAt: OPENED }] };
const figures = (writer: Partial<AgentLive>) =>
  ({ agents: [{ name: 'writer', role: 'teammate', ...writer }] }) as unknown as TeamLive;
const reports = (live: TeamLive | undefined, now: number) => {
  const { pending, waitsForReports } = gateNotifications(team, live, status, now);
  const data = pending.map(({ notification }) => notification.data as Record<string, unknown>);
  return { waitsForReports, reports: data.map((one) => one['reports']) };
};

test('the notification of a gate contains the reports of the agents before it', () => {
  const live = figures({ phase: 'completed', report: 'The draft stands.' });
  expect(reports(live, JUST_OPENED)).toEqual({
    waitsForReports: false,
    reports: [[{ teammate: 'writer', report: 'The draft stands.' }]],
  });
});

test.each([
  ['there are no figures yet', undefined],
  ['they are still running', figures({ phase: 'running' })],
])('it waits a short time for the reports while %s', (_, live) => {
  expect(reports(live, JUST_OPENED)).toEqual({ waitsForReports: true, reports: [] });
  expect(reports(live, Date.parse(OPENED) + REPORTS_WITHIN_MS)).toEqual({
    waitsForReports: false,
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
const notificationsOf = (webhook: object | undefined, live: TeamLive, more = {}) =>
  waitNotifications(
    { ...team, spec: { ...team.spec, observability: { webhook } } } as unknown as CachedTeam,
    live,
    { ...status, ...more },
  );

test('notifies the webhook of a team once that the team waits for the provider', () => {
  const url = 'https://hooks.test/end';
  const live = figures({ waiting: WAIT });
  const [call] = notificationsOf({ url }, live);
  expect(call).toMatchObject({
    event: 'waiting-for-provider',
    channel: { kind: 'webhook', url },
    notification: {
      message: expect.stringContaining('writer is waiting for the API: usage limit, until 2026'),
    },
  });
  const later = { ...WAIT, until: '2026-01-01T06:00:00Z' };
  expect(notificationsOf({ url }, figures({ waiting: later }))[0]?.notification.id).toBe(
    call?.notification.id,
  );
  expect(notificationsOf({ url }, figures({}))).toEqual([]);
  expect(notificationsOf({ url, events: ['failed'] }, live)).toEqual([]);
  expect(notificationsOf({ url, events: ['WaitingForProvider'] }, live)).toHaveLength(1);
  expect(notificationsOf(undefined, live)).toEqual([]);
  expect(notificationsOf({ url }, live, { completedAt: '2026-01-01T01:00:00Z' })).toEqual([]);
});
