import { describe, expect, test } from '@jest/globals';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { renderTree } from '../../../src/output/view/render-tree.ts';
import type { AgentRow, TeamView } from '../../../src/output/view/team-view.ts';

const plain = pc.createColors(false);

const size = (columns: number, rows = 100) => ({ columns, rows });

const agent = (row: Partial<AgentRow> & { name: string }): AgentRow => ({
  state: 'waiting',
  detail: '',
  model: 'sonnet',
  usd: '0',
  tasks: { completed: 0, total: 0 },
  restarts: 0,
  ...row,
});

const view: TeamView = {
  run: 'q3-report',
  reference: 'q3-report',
  rehearsal: true,
  phase: 'Running',
  elapsed: 42_000,
  usd: '0.1234',
  limit: '15.00',
  agents: [
    agent({
      name: 'lead',
      model: 'opus',
      state: 'running',
      elapsed: 38_000,
      usd: '0.0834',
      tasks: { completed: 1, total: 2 },
    }),
    agent({
      name: 'researcher',
      state: 'done',
      elapsed: 12_000,
      usd: '0.04',
      tasks: { completed: 1, total: 1 },
      detail: 'Findings are in\nfindings.md',
      restarts: 1,
    }),
    agent({ name: 'email-drafter', state: 'asking', detail: 'waiting for approval' }),
  ],
  after: [
    { name: 'Deliver', state: 'waiting', detail: 'waiting for lead, researcher, email-drafter' },
  ],
  gates: [{ event: 'spawn-email-drafter', before: 'email-drafter' }],
  questions: [],
  settled: [],
  notices: [],
};

describe('renderTree', () => {
  test('an agent that waits for the provider', () => {
    const until = '2026-11-29T14:00:00Z';
    const waiting = { text: 'usage limit, until 14:00', until, key: '14:00' };
    const lead = { ...(view.agents[0] as AgentRow), waiting };
    expect(renderTree({ ...view, agents: [lead] }, size(120), plain)).toContain(
      'opus  waiting for the API: usage limit, until 14:00',
    );
  });

  test('on a wide terminal', () => {
    expect(`\n${renderTree(view, size(120), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12 of $15.00 (rehearsal)
├─ ● lead              0:38  1/2 tasks  $0.08  opus
│  ├─ ✓ researcher     0:12  1/1 tasks  $0.04  sonnet  Findings are in findings.md, restarted 1×
│  └─ ◆ email-drafter                          sonnet  waiting for approval
└─ ○ Deliver                                           waiting for lead, researcher, email-drafter
◆ spawn-email-drafter: email-drafter is waiting for your approval
  agentteam approve q3-report spawn-email-drafter   (or reject)
`);
  });

  test('questions are quoted, and a flood of them leaves room for the tree', () => {
    const text = 'Which quarter?\n\u001b[2J◆ deliver: approved "now"';
    const question = (number: number) => ({
      ...{ id: `researcher.${number}`, agent: 'researcher', kind: 'question' as const },
      ...{ text, choices: ['Q2', 'Q3'] },
    });
    const questions = Array.from({ length: 64 }, (_, index) => question(index + 1));
    const shown = renderTree({ ...view, gates: [], questions }, size(120, 24), plain);
    expect(shown).toContain(
      `? researcher asks: "Which quarter? ◆ deliver: approved 'now'" (1: "Q2", 2: "Q3")\n  agentteam answer q3-report researcher.1 "…"`,
    );
    expect(shown).toContain('? 61 more questions: agentteam get q3-report');
    expect(shown).toContain('├─ ● lead');
  });

  test('a long name is cut before the cost, and leaves room for what agents do', () => {
    const activity = { text: 'waiting for an answer to analyst.1', elapsed: 127_000 };
    const analyst = agent({ name: 'a'.repeat(40), state: 'running', elapsed: 127_000, activity });
    const long = { ...view, run: 'r'.repeat(63), agents: [analyst], after: [], gates: [] };
    expect(`\n${renderTree(long, size(79), plain)}\n`).toBe(`
rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr…  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● aaaaaaaaaaaaaaaaaaaa…  2:07  sonnet  waiting for an answer to an… for 2:07
`);
    expect(`\n${renderTree(long, size(59), plain)}\n`).toBe(`
rrrrrrrrrrrrrr…  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● aaaaaaaaaaaaaaaaaa…  2:07  waiting for an an… for 2:07
`);
  });

  test('without steps after the agents', () => {
    expect(`\n${renderTree({ ...view, after: [], gates: [] }, size(75), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● lead              0:38  1/2 tasks  $0.08  opus
   ├─ ✓ researcher     0:12  1/1 tasks  $0.04  sonnet  Findings are in fin…
   └─ ◆ email-drafter                          sonnet  waiting for approval
`);
  });

  test('without the model and the tasks, where details would have no space beside it', () => {
    expect(`\n${renderTree({ ...view, after: [], gates: [] }, size(60), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● lead              0:38  $0.08
   ├─ ✓ researcher     0:12  $0.04  Findings are in finding…
   └─ ◆ email-drafter               waiting for approval
`);
  });

  test('on a narrow terminal, without the last columns', () => {
    expect(`\n${renderTree({ ...view, gates: [] }, size(32), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12…
├─ ● lead              $0.08
│  ├─ ✓ researcher     $0.04  F…
│  └─ ◆ email-drafter         w…
└─ ○ Deliver                  w…
`);
  });

  test('what agents are doing, and for how long', () => {
    const agents = [
      agent({
        name: 'lead',
        state: 'running',
        elapsed: 80_000,
        usd: '0.5',
        limit: '2',
        activity: { text: 'waiting for api', elapsed: 4_000 },
      }),
      agent({
        name: 'api',
        state: 'running',
        elapsed: 79_000,
        restarts: 1,
        activity: { text: 'Edit src/routes/users/permissions.ts', elapsed: 12_000 },
      }),
    ];
    const busy = { ...view, agents, after: [], gates: [] };
    expect(`\n${renderTree(busy, size(100), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● lead    1:20  $0.50 of $2.00  sonnet  waiting for api for 0:04
   └─ ● api  1:19                  sonnet  Edit src/routes/users/permissions.ts for 0:12, restarted…
`);
    expect(`\n${renderTree(busy, size(59), plain)}\n`).toBe(`
q3-report  Running  0:42  $0.12 of $15.00 (rehearsal)
└─ ● lead    1:20  $0.50 of $2.00  waiting for api for 0:04
   └─ ● api  1:19                  Edit src/route… for 0:12
`);
  });

  test('the reason of a restart', () => {
    const agents = [agent({ name: 'lead', restarts: 2, restartedFor: 'API Error: 529' })];
    expect(renderTree({ ...view, agents, after: [], gates: [] }, size(80), plain)).toMatch(
      /○ lead .* restarted 2×: API Error: 529$/,
    );
  });

  test.each([1, 5, 17, 40, 79, 80, 200])('fits in %d columns', (columns) => {
    const hostile = {
      ...view,
      agents: [...view.agents, agent({ name: 'x', detail: '\u001b[2J研究'.repeat(60) })],
      gates: [],
    };
    const widths = renderTree(hostile, size(columns), plain)
      .split('\n')
      .map((line) => stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(Math.max(columns, 8));
  });

  test('the command that answers a gate has a line of its own where it does not fit', () => {
    const command = 'agentteam approve q3-report spawn-email-drafter';
    const keys = 'Press a to approve or r to reject, or run:';
    expect(renderTree(view, size(80), plain, 'ask')).toContain(`  ${keys}\n  ${command}`);
    expect(renderTree(view, size(100), plain, 'ask')).toContain(`  ${keys} ${command}`);
  });

  test('the command that answers a gate is never truncated', () => {
    const text = renderTree(view, size(30), plain).replace(/\s+/g, ' ');
    expect(text).toContain('agentteam approve q3-report spawn-email-drafter');
  });
});

describe('on a terminal with few lines', () => {
  const STATES = ['running', 'done', 'waiting', 'failed'] as const;
  const many: TeamView = {
    ...view,
    agents: [
      ...view.agents.slice(0, 1),
      ...Array.from({ length: 16 }, (_, index) =>
        agent({ name: `mate-${index}`, state: STATES[index % 4] ?? 'done' }),
      ),
    ],
  };

  test('a team of 16 keeps its header, the lead, the gate and the running agents', () => {
    const lines = renderTree(many, size(59, 14), plain, 'ask').split('\n');
    expect(lines).toHaveLength(14);
    expect(lines[0]).toMatch(/^q3-report {2}Running/);
    expect(lines[1]).toMatch(/lead/);
    expect(lines.filter((line) => line.includes('✗'))).toHaveLength(4);
    expect(lines.filter((line) => line.includes('●'))).toHaveLength(5);
    expect(lines.join('\n')).toContain('… 5 waiting, 4 done');
    expect(lines.at(-2)).toMatch(/Press a to approve/);
  });

  test('any size is possible', () => {
    for (const rows of [1, 2, 3, 4, 5, 8]) {
      for (const columns of [1, 5, 20, 60]) {
        const lines = renderTree(many, size(columns, rows), plain, 'ask').split('\n');
        expect(lines.length).toBeLessThanOrEqual(rows);
      }
    }
  });

  test('all rows are shown if there is room', () => {
    expect(renderTree(many, size(80), plain)).not.toMatch(/… \d/);
  });
});

test('a rejection by key asks for confirmation', () => {
  const shown = renderTree(view, size(100), plain, 'confirm-reject');
  expect(shown).toContain('Reject spawn-email-drafter? Press y to reject it');
});
