import type { AgentTeam, AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { checkObject } from '../check/check.ts';
import type { Problem } from '../problem.ts';
import { checkEnforced } from './enforced/enforce.ts';
import { type MergedTeam, mergeRun } from './merge.ts';

export interface TeamOfRun {
  /** The team without its defaults, as it is stored. */
  readonly merged: MergedTeam;
  /** The checked team with its defaults. Absent when there are problems. */
  readonly team?: AgentTeam;
  readonly problems: readonly Problem[];
}

/** Makes the team of a run, and checks it on its own and against what its template enforces. */
export function teamOfRun(template: AgentTeamTemplate, run: AgentTeamRun): TeamOfRun {
  const merged = mergeRun(template, run);
  const { team, problems: own } = checkObject(merged);
  const problems = [...checkEnforced(template, merged), ...own];
  return { merged, problems, ...(team !== undefined && problems.length === 0 && { team }) };
}
