/** A team of 16 teammates, some of which wait for others. */
export const SIXTEEN = {
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name: 'sixteen', namespace: 'bench' },
  spec: {
    repository: { url: 'git@example.com:acme/app.git', credentialsSecret: 'git' },
    auth: { apiKeySecret: 'key' },
    lead: { prompt: 'Coordinate sixteen tracks of work and validate the result.\n'.repeat(10) },
    teammates: Array.from({ length: 16 }, (_, index) => ({
      name: `mate-${index}`,
      prompt: `Work on track ${index}, with tests.\n`.repeat(10),
      scope: { includePaths: [`src/track-${index}/`] },
      ...(index > 3 && { dependsOn: [`mate-${index - 4}`] }),
    })),
    lifecycle: { budgetLimit: '100.00', approvalGates: [{ event: 'spawn-mate-7' }] },
  },
};
