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

/**
 * What the reader has beside the clone: a team that ends by itself, the one of whose gate the
 * documents speak, and a key for git, of which nobody here reads more than its bytes.
 */
export const FILES: Readonly<Record<string, string>> = {
  'team.yaml': teamFile('my-team'),
  'q3-report.yaml': teamFile('q3-report', [{ event: 'spawn-email-drafter', channel: 'none' }]),
  id_ed25519: 'a private key\n',
  known_hosts: 'git.example.com ssh-ed25519 AAAA\n',
};
