import type { AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';

/** A team as somebody would have written it: neither checked nor with its defaults. */
export interface MergedTeam {
  readonly apiVersion: string;
  readonly kind: 'AgentTeam';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The team that a run of a template is: field by field the run's value where it has one, and the
 * template's otherwise. Lists are fields: a run's gates replace its template's. The team has the
 * run's name. What the template enforces, `teamOfRun` compares.
 */
export function mergeRun(template: AgentTeamTemplate, run: AgentTeamRun): MergedTeam {
  const { description: _description, enforced: _enforced, ...pattern } = template.spec;
  const { templateRef: _templateRef, ...own } = run.spec;
  const { name, namespace } = run.metadata;
  return {
    apiVersion: run.apiVersion,
    kind: 'AgentTeam',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: merge(pattern, own) as Record<string, unknown>,
  };
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined || above === null) return below;
  if (!isObject(below) || !isObject(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(below[key], above[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
