import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { checkApprovers } from './check/approvers.ts';
import { checkDocument } from './check/check.ts';
import { checkMailServer } from './check/mail-server.ts';
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
  readonly compiled?: Compiled;
  readonly problems: readonly Problem[];
  /** What keeps nothing from running, and that people should know before it does. */
  readonly warnings: readonly Problem[];
}

/**
 * Compiles a checked team. Pure: the same team and options give the same bytes, whatever the order
 * of the team's keys.
 */
export function compile(team: AgentTeam, options: CompileOptions = {}): CompileResult {
  const refused = [
    ...(options.admission ? [] : checkApprovers(team)),
    ...(options.mailServer === false ? checkMailServer(team) : []),
  ];
  const warnings = checkWarnings(team, options);
  if (refused.length > 0) return { problems: refused, warnings };
  const resolvedOptions = resolveOptions(options);
  const resolved = resolve(team);
  const steps = plan(resolved, resolvedOptions);
  const workflow = emit(resolved, steps, resolvedOptions);
  const problems = checkLimits(workflow, resolved);
  if (problems.length > 0) return { problems, warnings };
  const claims = claimsOf(resolved, resolvedOptions);
  return { compiled: { team, workflow, claims }, problems, warnings };
}

/** Compiles the one team of a file's text: read, check, resolve, plan, emit. */
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
  const located = (problem: Problem) => ({ ...problem, ...document.locate(problem.path) });
  return {
    ...(compiled && { compiled }),
    problems: found.map(located),
    warnings: warnings.map(located),
  };
}

function severalTeams(place: { readonly line: number; readonly column: number }): Problem {
  return {
    code: 'several-teams',
    path: [],
    message: 'the file holds more than one AgentTeam',
    hint: 'put each team into a file of its own',
    ...place,
  };
}
