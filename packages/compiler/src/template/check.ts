import {
  AGENT_TEAM_RUN,
  type AgentTeamRun,
  type AgentTeamTemplate,
  API_VERSION,
  agentTeamRunSchema,
  agentTeamTemplateSchema,
} from '@agentteam/api';
import { checkObject, checkShape } from '../check/check.ts';
import { checkRestrictions, type RestrictionOptions } from '../check/restrictions/restrictions.ts';
import { checkRules } from '../check/schema/rules.ts';
import type { Problem } from '../problem.ts';
import { checkEnforcing } from './enforced/enforce.ts';
import { mergeRun } from './merge.ts';

export interface TemplateCheckResult {
  /** Absent when there are problems. */
  readonly template?: AgentTeamTemplate;
  readonly problems: readonly Problem[];
}

export interface RunCheckResult {
  readonly run?: AgentTeamRun;
  readonly problems: readonly Problem[];
}

/** A run that overrides nothing in its template and provides everything that a template may need. */
const SPECIMEN: Omit<AgentTeamRun, 'metadata'> = {
  apiVersion: API_VERSION,
  kind: AGENT_TEAM_RUN.kind,
  spec: {
    templateRef: { name: 'specimen' },
    repository: { url: 'https://git.example/specimen.git' },
    workspace: { output: {} },
    auth: { apiKeySecret: 'specimen' },
    lead: { prompt: 'Lead the team.' },
  } as AgentTeamRun['spec'],
};

/**
 * Checks a template on its own for problems that every team made from it would have. A template has its fields
 * at the same paths as a team, so the paths of these problems are valid in the template.
 * @param options the installation's restrictions. Absent: none.
 */
export function checkTemplate(
  object: unknown,
  options: RestrictionOptions = {},
): TemplateCheckResult {
  const shape = checkShape('AgentTeamTemplate', object);
  if (shape.length > 0) return { problems: shape };
  const template = object as AgentTeamTemplate;
  const rules = checkRules(agentTeamTemplateSchema, template);
  if (rules.length > 0) return { problems: rules };
  const enforcing = checkEnforcing(template);
  const { name, namespace } = template.metadata;
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const { problems: found } = checkObject(mergeRun(template, { ...SPECIMEN, metadata }));
  const problems = [...enforcing, ...found, ...checkRestrictions(template, options)];
  return problems.length > 0 ? { problems } : { template, problems };
}

/** Checks a run on its own. `teamOfRun` checks it together with its template. */
export function checkRun(object: unknown): RunCheckResult {
  const shape = checkShape('AgentTeamRun', object);
  const problems = shape.length > 0 ? shape : checkRules(agentTeamRunSchema, object);
  return problems.length > 0 ? { problems } : { run: object as AgentTeamRun, problems };
}
