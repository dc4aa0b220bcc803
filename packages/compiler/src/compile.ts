import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { checkDocument, checkObject } from './check/check.ts';
import { checkServiceHosts } from './check/environment/services.ts';
import { checkAllowedApi } from './check/installation/allowed-api.ts';
import { checkApprovers } from './check/installation/approvers.ts';
import { checkMailServer } from './check/installation/mail-server.ts';
import { checkRestrictions } from './check/restrictions/restrictions.ts';
import { checkWarnings } from './check/warnings.ts';
import { type Claims, claimsOf } from './emit/claims.ts';
import { checkLimits } from './emit/limits.ts';
import { emit } from './emit/workflow.ts';
import { plan } from './plan/plan.ts';
import type { Problem } from './problem.ts';
import { read } from './read/read.ts';
import { type CompileOptions, resolveOptions } from './resolve/options.ts';
import { resolve } from './resolve/resolve.ts';

export interface Compiled {
  readonly team: AgentTeam;
  readonly workflow: Workflow;
  readonly claims: Claims;
}

export interface CompileResult {
  /** Absent when there are problems. */
  readonly compiled?: Compiled;
  readonly problems: readonly Problem[];
  /** Findings that do not prevent a run, but that people should know before it starts. */
  readonly warnings: readonly Problem[];
}

/**
 * Compiles a checked team: resolve, plan, emit. Pure: the same team and options give the same bytes, whatever
 * the order of the team's keys.
 */
export function compile(team: AgentTeam, options: CompileOptions = {}): CompileResult {
  const refused = [
    ...checkApprovers(team, options),
    ...checkMailServer(team, options),
    ...checkServiceHosts(team, options),
    ...checkRestrictions(team, options),
    ...checkAllowedApi(team, options),
  ];
  const warnings = checkWarnings(team, options);
  if (refused.length > 0) return { problems: refused, warnings };
  const resolvedOptions = resolveOptions(options);
  const resolved = resolve(team);
  const workflow = emit(resolved, plan(resolved, resolvedOptions), resolvedOptions);
  const problems = checkLimits(workflow, resolved);
  if (problems.length > 0) return { problems, warnings };
  const claims = claimsOf(resolved, resolvedOptions);
  return { compiled: { team, workflow, claims }, problems, warnings };
}

/** Checks and compiles an object from a cluster. */
export function compileObject(object: unknown, options: CompileOptions = {}): CompileResult {
  const { team, problems } = checkObject(object);
  return team === undefined ? { problems, warnings: [] } : compile(team, options);
}

/** Reads, checks and compiles the only team in a file's text. */
export function compileText(text: string, options: CompileOptions = {}): CompileResult {
  const { teams, problems } = read(text);
  const refused = (found: readonly Problem[]) => ({ problems: found, warnings: [] });
  if (problems.length > 0) return refused(problems);
  const [document, second] = teams;
  if (document === undefined) return refused(problems);
  if (second !== undefined) return refused([severalTeams(second.locate([]))]);
  const checked = checkDocument(document);
  if (checked.team === undefined) return refused(checked.problems);
  const { compiled, problems: found, warnings } = compile(checked.team, options);
  return {
    ...(compiled && { compiled }),
    problems: found.map(document.inText),
    warnings: warnings.map(document.inText),
  };
}

function severalTeams(position: { readonly line: number; readonly column: number }): Problem {
  return {
    code: 'several-teams',
    path: [],
    message: 'the file contains more than one AgentTeam',
    hint: 'put each team into its own file',
    ...position,
  };
}
