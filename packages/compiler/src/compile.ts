import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { checkApprovers } from './check/approvers.ts';
import { checkDocument } from './check/check.ts';
import { checkMailServer } from './check/mail-server.ts';
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
  if (refused.length > 0) return { problems: refused };
  const resolvedOptions = resolveOptions(options);
  const resolved = resolve(team);
  const steps = plan(resolved, resolvedOptions);
  const workflow = emit(resolved, steps, resolvedOptions);
  const problems = checkLimits(workflow, resolved);
  if (problems.length > 0) return { problems };
  return { compiled: { team, workflow, claims: claimsOf(resolved, resolvedOptions) }, problems };
}

/** Compiles the one team of a file's text: read, check, resolve, plan, emit. */
export function compileText(text: string, options: CompileOptions = {}): CompileResult {
  const { teams, problems } = read(text);
  if (problems.length > 0) return { problems };
  const [document, second] = teams;
  if (document === undefined) return { problems };
  if (second !== undefined) return { problems: [severalTeams(second.locate([]))] };
  const checked = checkDocument(document);
  if (checked.team === undefined) return { problems: checked.problems };
  const { compiled, problems: found } = compile(checked.team, options);
  return {
    ...(compiled && { compiled }),
    problems: found.map((problem) => ({ ...problem, ...document.locate(problem.path) })),
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
