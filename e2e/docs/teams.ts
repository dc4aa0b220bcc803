import { stringify } from 'yaml';

/** @param gates of its approval. */
export const teamFile = (name: string, gates: readonly object[] = []): string =>
  stringify({
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name },
    spec: {
      workspace: { output: { mountPath: '/workspace/output' } },
      auth: { apiKeySecret: 'anthropic-api-key' },
      lead: { prompt: 'Coordinate the report.' },
      teammates: [{ name: 'email-drafter', prompt: 'Draft the mails.' }],
      lifecycle: { timeout: '1h', budgetLimit: '5.00', approvalGates: gates },
    },
  });
/** The reader's teams: one that ends by itself, and the one of whose gate the documents speak. */
export const TEAMS: Readonly<Record<string, string>> = {
  'team.yaml': teamFile('my-team'),
  'q3-report.yaml': teamFile('q3-report', [{ event: 'spawn-email-drafter', channel: 'none' }]),
};
