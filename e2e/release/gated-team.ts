import type { Cluster, Stored } from '../controller/cluster.ts';
import { teamRef } from '../controller/teams.ts';

/** The namespace of the recorded teams: `gated`, which waits for an approval, and `ended`. */
export const NAMESPACE = 'reports';

const ENDED = ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'];

export function hasEnded(team: Stored | undefined): Stored | undefined {
  return ENDED.includes(team?.status?.phase) ? team : undefined;
}

export function isGateOpen(team: Stored | undefined): boolean {
  const approvals: readonly { event: string }[] = team?.status?.approvals ?? [];
  return approvals.some(({ event }) => event === 'spawn-editor');
}

export async function approveEditor(cluster: Cluster): Promise<void> {
  await cluster.patch(teamRef('gated', NAMESPACE), {
    metadata: { annotations: { 'approved.claude.amcheste.io/spawn-editor': 'true' } },
  });
}
