import type { Ref, Stored } from './cluster.ts';

export const NAMESPACE = 'teams';

export function teamRef(name: string, namespace = NAMESPACE): Ref {
  return { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam', name, namespace };
}

export function workflowRef(name: string, namespace = NAMESPACE): Ref {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name, namespace };
}

/** A team that writes a report, with changes for a test. */
export function team(name: string, spec: object = {}, namespace = NAMESPACE): Stored {
  return {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name, namespace },
    spec: {
      workspace: { output: {} },
      auth: { apiKeySecret: 'anthropic' },
      lead: { prompt: 'Coordinate the report.' },
      teammates: [
        { name: 'writer', prompt: 'Write it.' },
        { name: 'editor', prompt: 'Edit it.', dependsOn: ['writer'] },
      ],
      ...spec,
    },
  };
}
