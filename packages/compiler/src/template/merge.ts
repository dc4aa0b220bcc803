import type { AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { isRecord } from '@agentteam/contract';
import { mergeField } from '../resolve/environment.ts';

/** A team that has neither been checked nor got its defaults. */
export interface MergedTeam {
  readonly apiVersion: string;
  readonly kind: 'AgentTeam';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * Merges a run into its template, field by field: the run's value where it has one, otherwise the template's.
 * A list counts as one value, so the run's gates replace the template's. Only the lists of the environment are merged
 * by name, as an agent's are into the team's. The team gets the run's name. `teamOfRun` checks what the template
 * enforces.
 */
export function mergeRun(template: AgentTeamTemplate, run: AgentTeamRun): MergedTeam {
  const { description: _description, enforced: _enforced, ...pattern } = template.spec;
  const { templateRef: _templateRef, ...own } = run.spec;
  const { name, namespace } = run.metadata;
  return {
    apiVersion: run.apiVersion,
    kind: 'AgentTeam',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: {
      ...(merge(pattern, own) as Record<string, unknown>),
      ...mergeEnvironments(pattern.environment, own.environment),
    },
  };
}

function mergeEnvironments(below: unknown, above: unknown): { readonly environment?: unknown } {
  if (!isRecord(below) || !isRecord(above)) return {};
  const merged = merge(below, above) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(merged).map(([name, value]) =>
    Array.isArray(value)
      ? [name, mergeField(name, below[name], above[name] ?? undefined)]
      : [name, value],
  );
  return { environment: Object.fromEntries(entries) };
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined || above === null) return below;
  if (!isRecord(below) || !isRecord(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(below[key], above[key])]));
}
