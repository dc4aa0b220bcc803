import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS } from '@agentteam/contract';
import { channelOf, gateNotification } from '@agentteam/notify';
import { briefing } from '@agentteam/status';
import type { StoredWorkflow } from '../../argo/stored.ts';
import type { GateCall } from '../../notify/gate-notifier.ts';
import type { StoredTeam } from '../stored.ts';

/** Whom to tell of the gates that wait and of whom nobody was told yet. Pure. */
export function gateCalls(
  team: StoredTeam,
  workflow: StoredWorkflow,
  status: AgentTeamStatus,
): readonly GateCall[] {
  const { lifecycle } = team.spec;
  return (status.approvals ?? []).flatMap((approval): GateCall[] => {
    if (approval.decision !== undefined || approval.notifiedAt !== undefined) return [];
    const gate = lifecycle.approvalGates?.find(({ event }) => event === approval.event);
    const channel = gate && channelOf(gate);
    if (gate === undefined || channel === undefined) return [];
    const { name, namespace = '', uid = '' } = team.metadata;
    const annotate = `kubectl annotate agentteam ${name} -n ${namespace} ${ANNOTATIONS.approvedPrefix}${gate.event}`;
    const notification = gateNotification({
      namespace,
      team: name,
      run: uid,
      event: gate.event,
      at: approval.openedAt ?? '',
      ...briefing(team, workflow, gate.event),
      costUsd: status.estimatedCost ?? '0.00',
      ...(lifecycle.budgetLimit !== undefined && { budgetUsd: lifecycle.budgetLimit }),
      approve: `${annotate}=true`,
      reject: `${annotate}=false`,
    });
    return [{ event: gate.event, channel, notification }];
  });
}
