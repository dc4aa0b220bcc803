import { stringify } from 'yaml';

/** @param gates the approval gates of the team. */
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
 * The reader's own files in the clone: a team that ends by itself, a team with the gate that the
 * documents use, and a key for git whose content does not matter here.
 */
export const FILES: Readonly<Record<string, string>> = {
  'team.yaml': teamFile('my-team'),
  'q3-report.yaml': teamFile('q3-report', [{ event: 'spawn-email-drafter', channel: 'none' }]),
  id_ed25519: 'a private key\n',
  known_hosts: 'git.example.com ssh-ed25519 AAAA\n',
};
