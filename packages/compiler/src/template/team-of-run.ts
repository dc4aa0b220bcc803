import type { AgentTeam, AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { checkObject } from '../check/check.ts';
import type { Problem } from '../problem.ts';
import { checkEnforced } from './enforced/enforce.ts';
import { type MergedTeam, mergeRun } from './merge.ts';

export interface TeamOfRun {
  /** As it is written down, without its defaults. */
  readonly merged: MergedTeam;
  /** Checked and with its defaults; absent when there are problems. */
  readonly team?: AgentTeam;
  readonly problems: readonly Problem[];
}

/**
 * The team that a run makes of its template, with everything that is wrong with it: by itself, and
 * where it is looser than what the template enforces.
 */
export function teamOfRun(template: AgentTeamTemplate, run: AgentTeamRun): TeamOfRun {
  const merged = mergeRun(template, run);
  const { team, problems: own } = checkObject(merged);
  const problems = [...checkEnforced(template, merged), ...own];
  return { merged, problems, ...(team !== undefined && problems.length === 0 && { team }) };
}
