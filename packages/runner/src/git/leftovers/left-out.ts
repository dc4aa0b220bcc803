import { textFor } from '@agentteam/text';

/** A file or directory that an agent left uncommitted and that was not committed for it. */
export interface LeftOut {
  /** From the root of the worktree; a directory ends with a slash. */
  readonly path: string;
  /** `a git repository of its own`, `3.0 MB`. */
  readonly why: string;
}

/** As many as a person reads; the rest is counted. */
const MOST_SHOWN = 20;

/** One sentence for the agent's report and the team's summary. */
export function describeLeftOut(agent: string, leftOut: readonly LeftOut[]): string {
  const byReason = new Map<string, string[]>();
  for (const { path, why } of leftOut.slice(0, MOST_SHOWN)) {
    byReason.set(why, [
      ...(byReason.get(why) ?? []),
      textFor('log', JSON.stringify(path)).slice(1, -1),
    ]);
  }
  const groups = [...byReason].map(([why, paths]) => `${paths.join(', ')} (${why})`);
  const more = leftOut.length - MOST_SHOWN;
  const rest = more > 0 ? `; and ${more} more` : '';
  return `Not committed of what ${agent} left in its worktree: ${groups.join('; ')}${rest}.`;
}
