import {
  type AgentTeamRun,
  type AgentTeamTemplate,
  agentTeamRunSchema,
  agentTeamTemplateSchema,
} from '@agentteam/api';
import { checkObject, checkShape } from '../check/check.ts';
import { checkRules } from '../check/rules.ts';
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

/** A run that leaves everything to its template and gives it all that it may ask for. */
const SPECIMEN: Omit<AgentTeamRun, 'metadata'> = {
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeamRun',
  spec: {
    templateRef: { name: 'specimen' },
    repository: { url: 'https://git.example/specimen.git' },
    workspace: { output: {} },
    auth: { apiKeySecret: 'specimen' },
    lead: { prompt: 'Lead the team.' },
  } as AgentTeamRun['spec'],
};

/**
 * Checks a template on its own: what would be wrong in every team that is made of it. Fields of a
 * template stand where a team has them, so problems name their places in the template.
 */
export function checkTemplate(object: unknown): TemplateCheckResult {
  const shape = checkShape('AgentTeamTemplate', object);
  if (shape.length > 0) return { problems: shape };
  const template = object as AgentTeamTemplate;
  const rules = checkRules(agentTeamTemplateSchema, template);
  if (rules.length > 0) return { problems: rules };
  const enforcing = checkEnforcing(template);
  const { name, namespace } = template.metadata;
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const { problems: found } = checkObject(mergeRun(template, { ...SPECIMEN, metadata }));
  const problems = [...enforcing, ...found];
  return problems.length > 0 ? { problems } : { template, problems };
}

/** Checks what a run says for itself; what it comes to with its template, `teamOfRun` tells. */
export function checkRun(object: unknown): RunCheckResult {
  const shape = checkShape('AgentTeamRun', object);
  const problems = shape.length > 0 ? shape : checkRules(agentTeamRunSchema, object);
  return problems.length > 0 ? { problems } : { run: object as AgentTeamRun, problems };
}
