import { textFor } from '@agentteam/text';

/** A file or directory that an agent left uncommitted, and that the runner did not commit for it. */
export interface LeftOut {
  /** Relative to the root of the worktree; a directory ends with a slash. */
  readonly path: string;
  /** For example `a git repository of its own`, or `3.0 MiB`. */
  readonly reason: string;
}

/** The rest is only counted. */
const MAX_SHOWN = 20;

/** A sentence for the agent's report and the team's summary. */
export function describeLeftOut(agent: string, leftOut: readonly LeftOut[]): string {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of leftOut.slice(0, MAX_SHOWN)) {
    byReason.set(reason, [
      ...(byReason.get(reason) ?? []),
      textFor('log', JSON.stringify(path)).slice(1, -1),
    ]);
  }
  const groups = [...byReason].map(([reason, paths]) => `${paths.join(', ')} (${reason})`);
  const more = leftOut.length - MAX_SHOWN;
  const rest = more > 0 ? `; and ${more} more` : '';
  return `These files in the worktree of ${agent} were not committed: ${groups.join('; ')}${rest}.`;
}
