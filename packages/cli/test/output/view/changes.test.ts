import { describe, expect, test } from '@jest/globals';
import { changeLine } from '../../../src/output/view/change-line.ts';
import { changes } from '../../../src/output/view/changes.ts';
import type { AgentRow, TeamView } from '../../../src/output/view/team-view.ts';

const researcher: AgentRow = {
  name: 'researcher',
  state: 'running',
  detail: '',
  elapsed: 1_000,
  model: 'sonnet',
  usd: '0',
  tasks: { completed: 0, total: 1 },
  restarts: 0,
};

const view: TeamView = {
  run: 'q3-report',
  reference: 'q3-report',
  rehearsal: false,
  phase: 'Running',
  elapsed: 62_000,
  usd: '1.00',
  limit: '15.00',
  agents: [researcher],
  after: [{ name: 'Deliver', state: 'waiting', detail: 'waiting for lead' }],
  gates: [],
  questions: [],
  settled: [],
  notices: [],
};

const lines = (before: TeamView | undefined, after: TeamView): readonly string[] =>
  changes(before, after).map((change) => changeLine(change, after).trim());

describe('changes', () => {
  test('the first state lists every step that is not waiting', () => {
    expect(lines(undefined, view)).toEqual([
      '1:02  q3-report: Running',
      '1:02  ● researcher started',
    ]);
  });

  test('a question, and who answered it', () => {
    const asked = {
      ...{ id: 'researcher.1', agent: 'researcher', kind: 'question' as const },
      ...{ text: 'Which\nquarter?', choices: [] },
    };
    const waiting = { ...view, questions: [asked] };
    expect(lines(view, waiting)).toEqual([
      '1:02  ? researcher asks: "Which quarter?"   agentteam answer q3-report researcher.1 "…"',
    ]);
    const answered = { id: 'researcher.1', by: 'Ann', via: 'page', answer: 'Q3' };
    expect(lines(waiting, { ...view, settled: [answered] })).toEqual([
      '1:02  ● Ann answered researcher.1 through page: "Q3"',
    ]);
    expect(lines(waiting, { ...view, settled: [{ id: 'researcher.1' }] })).toEqual([
      '1:02  ! nobody answered researcher.1',
    ]);
  });

  test('the clock and the cost alone are not a change', () => {
    expect(changes(view, { ...view, elapsed: 99_000, usd: '1.50' })).toEqual([]);
  });

  test('progress, a restart and the end of a step', () => {
    const after: TeamView = {
      ...view,
      phase: 'Completed',
      agents: [
        {
          ...researcher,
          state: 'done',
          detail: 'All\nfound.',
          restarts: 1,
          tasks: { completed: 1, total: 1 },
        },
      ],
    };
    const restarted = { ...researcher, restarts: 1, restartedFor: 'API Error: 529\nOverloaded' };
    expect(lines(view, { ...view, agents: [restarted] })).toEqual([
      '1:02  ↻ researcher was restarted (1×): API Error: 529 Overloaded',
    ]);
    expect(lines(view, after)).toEqual([
      '1:02  q3-report: Completed',
      '1:02  ✓ researcher completed: All found.',
      '1:02  ↻ researcher was restarted (1×)',
      '1:02  ✓ researcher has completed 1 of 1 task',
    ]);
  });

  test('a wait for the API is one change, however often it is retried, and its end is another', () => {
    const [row] = view.agents;
    const running = { ...(row as AgentRow), state: 'running' as const };
    const before = { ...view, agents: [running] };
    const waits = (text: string, key: string) => ({
      ...view,
      agents: [{ ...running, waiting: { text, until: '2026-11-29T14:00:00Z', key } }],
    });
    const first = waits('no connection, next try at 14:00', 'no connection');
    const second = waits('no connection, next try at 14:01', 'no connection');
    const name = running.name;
    expect(lines(before, first)).toEqual([
      `1:02  ◌ ${name} is waiting for the API: no connection, next try at 14:00`,
    ]);
    expect(changes(before, first)).toMatchObject([{ until: '2026-11-29T14:00:00Z' }]);
    expect(lines(first, second)).toEqual([]);
    expect(lines(second, before)).toEqual([`1:02  ● ${name} continues: the API answers again`]);
  });

  test('an open gate is one change, with the command that answers it', () => {
    const asking = { ...view, gates: [{ event: 'spawn-mailer', before: 'mailer' }] };
    expect(lines(view, asking)).toEqual([
      '1:02  ◆ mailer waits for approval: agentteam approve q3-report spawn-mailer   (or reject)',
    ]);
    expect(lines(asking, asking)).toEqual([]);
  });

  test('80 % of the budget is one change', () => {
    const nearLimit = { ...view, usd: '12.00' };
    expect(lines(view, nearLimit)).toEqual(['1:02  ! $12.00 of $15.00 has been spent']);
    expect(lines(nearLimit, { ...nearLimit, usd: '13.00' })).toEqual([]);
  });
});
