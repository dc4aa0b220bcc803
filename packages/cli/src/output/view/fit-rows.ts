import type { AgentRow, RowState, StepRow, TeamView } from './team-view.ts';

/** The rows of a tree that has room for so many lines, and what is not shown. */
export interface FittedRows {
  readonly agents: readonly AgentRow[];
  readonly after: readonly StepRow[];
  /** `9 more: 5 done, 4 waiting`; absent: all are shown. */
  readonly more?: string;
}

/** What a person looks for first: who waits for them, what went wrong, who is at work. */
const ORDER: readonly RowState[] = ['asking', 'failed', 'running', 'waiting', 'done', 'skipped'];

/** Leaves out the rows that say least where there is no room for all. The lead is always shown. */
export function fitRows({ agents, after }: TeamView, room: number): FittedRows {
  if (agents.length + after.length <= room) return { agents, after };
  const [lead, ...others] = [...agents, ...after];
  const byUse = others.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  // A line for the lead, and one for what is left out.
  const shown = new Set([lead, ...byUse.slice(0, Math.max(0, room - 2))]);
  const hidden = others.filter((row) => !shown.has(row));
  const counts = ORDER.map((state) => [hidden.filter((row) => row.state === state).length, state]);
  const states = counts
    .filter(([count]) => count !== 0)
    .map(([count, state]) => `${count} ${state}`);
  return {
    agents: agents.filter((row) => shown.has(row)),
    after: after.filter((row) => shown.has(row)),
    more: `${hidden.length} more: ${states.join(', ')}`,
  };
}
