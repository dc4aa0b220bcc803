import type { AgentRow, RowState, StepRow, TeamView } from './team-view.ts';

/** The rows of a tree that are shown. */
export interface FittedRows {
  readonly agents: readonly AgentRow[];
  readonly after: readonly StepRow[];
  /** Summary of the hidden rows: `4 waiting, 5 done`; absent when all rows are shown. */
  readonly more?: string;
}

/** States in the order in which rows are kept: first those that need the user's attention. */
const ORDER: readonly RowState[] = ['asking', 'failed', 'running', 'waiting', 'done', 'skipped'];

/**
 * Hides the least important rows when there is not enough room. The lead is always shown.
 * @param room maximum number of lines.
 */
export function fitRows({ agents, after }: TeamView, room: number): FittedRows {
  if (agents.length + after.length <= room) return { agents, after };
  const [lead, ...others] = [...agents, ...after];
  const byImportance = others.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  // Two lines are reserved for the lead and the summary.
  const shown = new Set([lead, ...byImportance.slice(0, Math.max(0, room - 2))]);
  const hidden = others.filter((row) => !shown.has(row));
  const counts = ORDER.map((state) => [hidden.filter((row) => row.state === state).length, state]);
  const states = counts
    .filter(([count]) => count !== 0)
    .map(([count, state]) => `${count} ${state}`);
  return {
    agents: agents.filter((row) => shown.has(row)),
    after: after.filter((row) => shown.has(row)),
    more: states.join(', '),
  };
}
