import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AgentTeam } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';

/** A Workflow that was recorded from Argo 4.1, with its nodes. */
export function recorded(name: string): Workflow {
  const file = fileURLToPath(new URL(`fixtures/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')) as Workflow;
}

/** A recorded Workflow with changes to some nodes, by display name. */
export function altered(
  name: string,
  changes: Readonly<Record<string, Partial<NodeStatus>>>,
): Workflow {
  const { status, ...workflow } = recorded(name);
  const nodes = Object.entries(status?.nodes ?? {}).map(([id, node]) => {
    return [id, { ...node, ...changes[node.displayName ?? ''] }] as const;
  });
  return { ...workflow, status: { ...status, nodes: Object.fromEntries(nodes) } };
}

const ask = (prompt: string) => ({
  model: 'sonnet',
  prompt,
  permissionMode: 'auto-accept' as const,
});

/** The team whose Workflows were recorded. */
export const team: AgentTeam = {
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name: 'q3-report', namespace: 'cowork-agents', generation: 2 },
  spec: {
    workspace: { output: { mountPath: '/workspace/output', size: '5Gi' } },
    auth: { apiKeySecret: 'anthropic-api-key' },
    lead: ask('Coordinate.'),
    teammates: [
      { name: 'researcher', ...ask('Analyse.') },
      { name: 'email-drafter', ...ask('Draft.') },
    ],
    lifecycle: {
      timeout: '4h',
      onLimit: 'finish',
      onProviderLimit: 'wait',
      onComplete: 'notify',
      maxRestarts: 3,
      consolidatedBranchTemplate: 'teams/{{.TeamName}}',
      outputRetention: 'retain',
      approvalGates: [
        {
          event: 'spawn-email-drafter',
          channel: 'none',
          requiredApprovals: 1,
          allowAuthor: true,
        },
      ],
    },
  },
};
