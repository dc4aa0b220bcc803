import type { AgentTeamStatus } from '@agentteam/api';
import { compileText } from '@agentteam/compiler';
import type { AgentLive, TeamLive } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import pc from 'picocolors';
import type { Context } from '../../../src/context.ts';
import { agentTeamObject } from '../../../src/output/view/agent-team-object.ts';
import { describeTeam } from '../../../src/output/view/describe-team.ts';
import { endingLines } from '../../../src/output/view/ending.ts';
import { listTable } from '../../../src/output/view/list-table.ts';
import { printEnding } from '../../../src/output/view/print-ending.ts';
import type { HostedTeam } from '../../../src/teams/team-host.ts';
import { Q3_REPORT } from '../../fixtures.ts';

const { compiled } = compileText(Q3_REPORT);
if (compiled === undefined) throw new Error('the fixture is not valid');
const { team, workflow } = compiled;

const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

const agent = (name: string, changes: Partial<AgentLive>): AgentLive => ({
  name,
  role: 'teammate',
  phase: 'completed',
  restarts: 0,
  turns: 3,
  usd: '1.00',
  tokens: NO_TOKENS,
  tasks: { total: 1, completed: 1, inProgress: 0, pending: 0 },
  messagesSent: 1,
  ...changes,
});

const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-11-23T16:42:00Z',
});

const status: AgentTeamStatus = {
  phase: 'Completed',
  startedAt: '2026-11-23T16:30:00Z',
  completedAt: '2026-11-23T16:42:00Z',
  estimatedCost: '3.80',
  totalTokensUsed: 68_400,
  ready: '2/2',
  tasks: { total: 2, completed: 2, inProgress: 0, pending: 0 },
  lead: { phase: 'Completed', tasksCompleted: 0, tasksClaimed: 0, estimatedCost: '2.10' },
  teammates: [
    { name: 'researcher', phase: 'Completed', tasksCompleted: 1, tasksClaimed: 1, restartCount: 1 },
    {
      name: 'email-drafter',
      phase: 'Waiting',
      message: 'approval: spawn-email-drafter',
      pendingApproval: 'spawn-email-drafter',
    },
  ],
  conditions: [condition('Complete', 'True', 'Completed', 'All steps completed.')],
};

const LIVE: TeamLive = {
  team: 'q3-report',
  at: '2026-11-23T16:42:00Z',
  usd: '3.796',
  tokens: NO_TOKENS,
  tasks: { total: 2, completed: 2, inProgress: 0, pending: 0 },
  agents: [
    agent('team-lead', {
      role: 'lead',
      report: 'The report is done.\n\nRead it.\n3\n4',
      turns: 1,
    }),
    agent('researcher', { restarts: 1, report: 'Found \u001b[31mit\u001b[0m.' }),
  ],
};

const hosted: HostedTeam = {
  name: 'q3-report-2',
  reference: 'q3-report-2',
  team,
  workflow,
  live: LIVE,
  status,
  limit: '15.00',
  rehearsal: true,
  interrupted: false,
  createdAt: '2026-11-23T16:29:59Z',
  locations: [{ title: 'Output', value: '/work/q3/.agentteam/q3-report-2/output' }],
};

test('a terminal without a size does not wrap what it shows', () => {
  const shown: string[] = [];
  const out = { columns: 0, write: (text: string) => shown.push(text) };
  const context = { out, colors: pc.createColors(false) } as unknown as Context;
  printEnding(context, { hosted, cost: [], files: [] }, 0, false);
  expect(shown).toContain(
    'This was a rehearsal: the costs are simulated and nothing was charged.\n',
  );
});

describe('the result of a run', () => {
  const plain = pc.createColors(false);
  const lines = (changes: Partial<HostedTeam>, files: readonly string[] = []) =>
    endingLines({ hosted: { ...hosted, ...changes }, cost: [], files }, 80, plain);

  test('shows where the results are, what each agent did, and that a rehearsal was not charged', () => {
    const files = Array.from({ length: 10 }, (_, index) => `file-${index}.md`);
    expect(lines({}, files).slice(0, 20)).toEqual([
      '✓ q3-report-2 completed after 12:00',
      '',
      'Output  /work/q3/.agentteam/q3-report-2/output',
      ...files.slice(0, 8).map((file) => `          ${file}`),
      '          and 2 more files',
      '',
      'lead  completed, 1 turn, 1 of 1 task, 1 message sent',
      '  The report is done.',
      '  Read it.',
      '  3',
      '  … 1 more line: agentteam logs q3-report-2 lead',
      'researcher  completed, 3 turns, 1 of 1 task, 1 message sent, 1 restart',
      '  Found it.',
    ]);
    expect(lines({})).toContain(
      'This was a rehearsal: the costs are simulated and nothing was charged.',
    );
    expect(lines({ rehearsal: false }).join('\n')).not.toContain('rehearsal');
  });

  const stop = { reason: 'budget', agent: 'researcher', message: '', at: '' } as const;
  test.each([
    ['Failed', 'StepFailed', {}, 'agentteam retry q3-report-2'],
    ['TimedOut', 'TimedOut', {}, 'agentteam retry q3-report-2'],
    // The replies that the stop cut off have spent the budget.
    ['Failed', 'Stopped', { stop }, 'agentteam retry q3-report-2 --budget DOLLARS'],
    ['TimedOut', 'TimedOut', { stop }, 'agentteam retry q3-report-2 --budget DOLLARS'],
    ['BudgetExceeded', 'BudgetExceeded', { stop }, 'agentteam retry q3-report-2 --budget DOLLARS'],
  ] as const)('%s (%s, %j): shows how to continue', (phase, reason, marker, command) => {
    const conditions = [condition('Complete', 'False', reason, 'It went wrong.')];
    const text = lines({
      live: { ...LIVE, ...marker },
      status: { ...status, phase, message: 'It went wrong.', conditions },
    }).join('\n');
    expect(text).toContain(`✗ q3-report-2: ${phase} after 12:00. It went wrong.`);
    expect(`${text}\n`).toContain(`${command}\n`);
  });

  test('a team that had nothing to do says so', () => {
    const message = 'The lead had nothing to do: it is fixed.';
    const lead = { ...status.lead, name: 'team-lead', outcome: 'nothing-to-do' as const };
    const text = lines({ status: { ...status, message, lead } as AgentTeamStatus });
    expect(text[0]).toBe(`✓ q3-report-2 completed after 12:00. ${message}`);
  });

  test('a long reason is cut with a mark', () => {
    const [lead] = LIVE.agents;
    const message = Array.from({ length: 9 }, (_, index) => `reason ${index}`).join('\n');
    const agents = [{ ...(lead as AgentLive), phase: 'failed' as const, message }];
    const text = lines({ live: { ...LIVE, agents } });
    const first = text.indexOf('  reason 0');
    expect(text.slice(first + 4, first + 7)).toEqual([
      '  reason 4',
      '  … 4 more lines',
      '  The report is done.',
    ]);
  });

  test('a reason that several agents have is shown once', () => {
    const message = 'The repository has no branch nowhere.';
    const agents = LIVE.agents.map((agent) => ({ ...agent, phase: 'failed' as const, message }));
    const text = lines({ live: { ...LIVE, agents } });
    expect(text.filter((line) => line.includes(message))).toHaveLength(1);
    expect(text).toContain('  The reason is the same as for lead.');
  });

  test('the same remark about a completed agent is no reason', () => {
    const message = 'ended without a report';
    const agents = LIVE.agents.map((agent, index) => ({
      ...agent,
      phase: index === 0 ? ('failed' as const) : ('completed' as const),
      message,
    }));
    const text = lines({ live: { ...LIVE, agents } });
    expect(text.filter((line) => line.includes(message))).toHaveLength(agents.length);
  });

  test('a mark in the table of costs is explained', () => {
    const cost = [{ agent: 'researcher', model: 'sonnet', usd: 10n ** 12n, estimated: 2 }];
    const text = endingLines({ hosted, cost, files: [] }, 80, plain);
    const row = text.findIndex((line) => line.startsWith('researcher   sonnet ~'));
    expect(text.slice(row + 2, row + 4)).toEqual([
      '~ includes 2 replies whose cost the API did not report: charged at the highest',
      'possible cost',
    ]);
  });

  test('sentences fit the terminal', () => {
    const message = 'deliver was rejected by ada@example.com: the discount is wrong.';
    const conditions = [condition('Complete', 'False', 'Rejected', message)];
    const rejected = {
      ...hosted,
      status: { ...status, phase: 'Failed' as const, message, conditions },
    };
    const text = endingLines(
      { hosted: { ...rejected, locations: [] }, cost: [], files: [] },
      60,
      plain,
    );
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(text.slice(0, 2)).toEqual([
      '✗ q3-report-2: Rejected after 12:00. deliver was rejected by',
      'ada@example.com: the discount is wrong.',
    ]);
  });

  test('an agent that spent its own budget gets a higher one from a changed file', () => {
    const text = lines({ status: { ...status, phase: 'BudgetExceeded' } }).join('\n');
    expect(text).toContain('An agent has spent its own budget.');
    expect(text).toContain('\nagentteam retry q3-report-2 -f FILE');
  });

  test('a rejected team shows how to ask again', () => {
    const conditions = [condition('Complete', 'False', 'Rejected', 'No.')];
    const text = lines({ status: { ...status, phase: 'Failed', conditions } }).join('\n');
    expect(text).toContain('✗ q3-report-2: Rejected');
    expect(text).toContain('To ask again, run: agentteam retry q3-report-2');
  });
});

test('list shows the printer columns', () => {
  const now = Date.parse('2026-11-23T18:30:00Z');
  const other = { ...hosted, name: 'other', rehearsal: false, interrupted: true };
  const asking = {
    ...hosted,
    name: 'asking',
    rehearsal: false,
    status: {
      ...status,
      phase: 'Running' as const,
      conditions: [condition('ApprovalRequired', 'True', 'GateOpen', '')],
      approvals: [{ event: 'plan', decision: 'approve' as const }, { event: 'deliver' }],
      questions: [{ id: 'writer-1', answer: 'Yes.' }, { id: 'writer-2' }],
    },
  };
  expect(`\n${listTable([hosted, other, asking], now).join('\n')}\n`).toBe(`
NAME          PHASE       READY   TASKS DONE    COST   BUDGET   AGE
q3-report-2   Completed   2/2              2   $3.80   $15.00    2h   rehearsal
other         Completed   2/2              2   $3.80   $15.00    2h   interrupted
asking        Running     2/2              2   $3.80   $15.00    2h   waiting for approval of deliver, waiting for an answer to writer-2
`);
});

test('get shows a run in the style of kubectl describe', () => {
  expect(`\n${describeTeam(hosted).join('\n')}\n`).toBe(`
Name:       q3-report-2
Team:       q3-report
Namespace:  cowork-agents
Created:    2026-11-23T16:29:59Z
Rehearsal:  yes (nothing is charged)
Status:
  Phase:           Completed
  Ready:           2/2
  Started:         2026-11-23T16:30:00Z
  Completed:       2026-11-23T16:42:00Z
  Estimated Cost:  $3.80 of $15.00
  Tokens:          68,400
  Tasks:           2 of 2 done, 0 in progress, 0 pending
  Lead:
    Name: lead, Phase: Completed, Tasks: 0/0, Cost: $1.00, Restarts: 0
  Teammates:
    Name: researcher, Phase: Completed, Tasks: 1/1, Cost: $1.00, Restarts: 1
    Name: email-drafter, Phase: Waiting (approval: spawn-email-drafter), Tasks: 0/0, Cost: $0.00, Restarts: 0
Conditions:
  Complete=True (Completed): All steps completed.
Locations:
  Output:  /work/q3/.agentteam/q3-report-2/output
`);
});

test('the object of a run has the name that commands take', () => {
  expect(agentTeamObject(hosted).metadata).toMatchObject({ name: 'q3-report-2' });
});
