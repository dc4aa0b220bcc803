import type { CostPoint, TeamDetail } from '@agentteam/detail';

const TOKENS = { input: 10, output: 20, cacheRead: 1000, cacheWrite5m: 5, cacheWrite1h: 5 };
const TASKS = { total: 1, completed: 1, inProgress: 0, pending: 0 };
const at = (second: number): string => `2026-11-29T09:00:${String(second).padStart(2, '0')}.000Z`;
const agent = {
  model: 'haiku',
  state: 'done' as const,
  turns: 1,
  restarts: 1,
  usd: '0.75',
  tokens: TOKENS,
  tasks: TASKS,
  messagesSent: 2,
  startedAt: at(1),
  endedAt: at(30),
  outcome: 'completed' as const,
  report: 'The sum is 42.',
  message: 'Something to know.',
  spans: [
    { kind: 'attempt' as const, name: 'attempt 1', from: at(1), to: at(30) },
    { kind: 'tool' as const, name: 'Bash', from: at(4), to: at(9) },
  ],
  transcript: true,
};

/** All of it is for output. */
function costs(output: string): CostPoint['usdByClass'] {
  return { input: '0', output, cacheRead: '0', cacheWrite: '0', other: '0' };
}

/** A team in which every part has content. */
export function detailOf(): TeamDetail {
  return {
    summary: {
      name: 'crew',
      namespace: 'office',
      phase: 'Completed',
      message: 'All steps completed.',
      outcome: 'We found **42**.',
      progress: { done: 3, total: 3 },
      usd: '1.5',
      limit: '5.00',
      tokens: TOKENS,
      tasks: TASKS,
      createdAt: at(0),
      startedAt: at(0),
      endedAt: at(40),
      rehearsal: true,
      interrupted: false,
      paused: false,
    },
    steps: [
      {
        name: 'Lead',
        title: 'lead',
        kind: 'agent',
        agent: 'lead',
        dependsOn: [],
        level: 0,
        state: 'done',
        attempts: 1,
        startedAt: at(1),
        endedAt: at(30),
      },
      {
        name: 'Approve-deliver',
        title: 'approval of deliver',
        kind: 'gate',
        dependsOn: ['Lead'],
        level: 1,
        state: 'failed',
        attempts: 0,
        message: 'rejected',
      },
    ],
    agents: [
      { ...agent, name: 'lead', step: 'Lead', role: 'lead' },
      { ...agent, name: 'dev', step: 'dev', role: 'teammate', limit: '1.00' },
    ],
    tasks: [
      {
        id: '1',
        subject: 'Add up',
        description: 'Add up.',
        owner: 'dev',
        status: 'completed',
        blockedBy: ['2'],
      },
    ],
    messages: [
      {
        from: 'lead',
        to: 'dev',
        at: at(3),
        kind: 'message',
        text: 'Begin.',
        delivered: false,
      },
      { from: 'Ann', to: 'dev', at: at(4), kind: 'person', text: 'Use October.', delivered: true },
      { from: 'Ann', to: 'dev', at: at(5), kind: 'answer', text: 'Q3, I say.', delivered: true },
    ],
    gates: [
      {
        event: 'deliver',
        before: 'Deliver',
        state: 'rejected',
        approvers: ['ann'],
        requiredApprovals: 1,
        openedAt: at(31),
        decisions: [
          { decision: 'reject', by: 'ann', reason: 'not yet', at: at(32), via: 'agentteam' },
        ],
      },
    ],
    questions: [
      {
        id: 'researcher.1',
        agent: 'researcher',
        kind: 'question',
        text: 'Which <b>quarter</b>?',
        choices: ['Q2', 'Q3'],
        askedAt: '2026-11-29T12:00:00Z',
        deadline: '2026-11-29T13:00:00Z',
        answer: { text: 'Q3', by: 'Ann', via: 'agentteam', at: '2026-11-29T12:05:00Z' },
      },
    ],
    costs: [
      { at: at(2), agent: 'lead', usd: '0.5', usdByClass: costs('0.5'), tokens: TOKENS },
      { at: at(9), agent: 'dev', usd: '0.75', usdByClass: costs('0.75'), tokens: TOKENS },
      { at: at(29), agent: 'lead', usd: '0.75', usdByClass: costs('0.75'), tokens: TOKENS },
    ],
    results: {
      place: '/tmp/output',
      files: [
        {
          path: 'report.md',
          bytes: 12,
          preview: { kind: 'markdown', text: '# Sum\n\n42', cut: true },
        },
        {
          path: 'sums.csv',
          bytes: 9,
          preview: { kind: 'csv', text: 'a,"b, c"\n1,2\n', cut: false },
        },
        { path: 'plain.txt', bytes: 3, preview: { kind: 'text', text: 'hey', cut: false } },
        {
          path: 'dot.png',
          bytes: 3,
          preview: { kind: 'image', text: 'AAAA', mediaType: 'image/png', cut: false },
        },
        { path: 'data.bin', bytes: 2_000_000 },
      ],
      cut: true,
    },
    diffs: [
      {
        branch: 'teams/crew',
        base: 'aaaa',
        head: 'bbbb',
        files: [{ path: 'x.ts', added: 1, removed: 2 }, { path: 'y.png' }],
        patch: 'diff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n',
      },
    ],
    checks: [{ name: 'test', command: 'npm test', ok: false, detail: 'exit code 1' }],
    delivery: { branch: 'teams/crew', url: 'github.invalid/1', state: 'open' },
    events: [{ at: at(1), kind: 'step-started', text: 'lead started' }],
    notices: [{ message: 'Something was not read.', agent: 'dev' }],
  };
}
