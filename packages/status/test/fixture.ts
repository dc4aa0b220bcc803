import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';

/** A Workflow with its nodes as Argo 4.1 writes them. */
export function recorded(name: string): Workflow {
  const file = fileURLToPath(new URL(`fixtures/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')) as Workflow;
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
