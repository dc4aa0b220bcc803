import { type Channel, channelOf, gateNotification, type Notification } from '@agentteam/notify';
import { briefing } from '@agentteam/status';
import type { HostedTeam } from '../teams/team-host.ts';
import { shellWord } from '../output/terminal/shell-word.ts';

/** Whom to tell that a gate waits, and what. */
export interface GateCall {
  readonly channel: Channel;
  readonly notification: Notification;
}

/** @returns `undefined` where the gate tells nobody. Pure. */
export function gateCall(hosted: HostedTeam, event: string): GateCall | undefined {
  const { team, live, status, limit, reference, name, createdAt } = hosted;
  const { approvalGates = [] } = team.spec.lifecycle;
  const gate = approvalGates.find((candidate) => candidate.event === event);
  const channel = gate && channelOf(gate);
  if (channel === undefined) return undefined;
  const openedAt = status.approvals?.find((approval) => approval.event === event)?.openedAt;
  const notification = gateNotification({
    namespace: team.metadata.namespace ?? 'default',
    team: team.metadata.name ?? '',
    // A name can be given again once its run was deleted.
    run: `${name} of ${createdAt}`,
    event,
    at: openedAt ?? createdAt,
    ...briefing(team, live, event),
    costUsd: status.estimatedCost ?? '0.00',
    ...(limit !== undefined && { budgetUsd: limit }),
    approve: `agentteam approve ${reference} ${shellWord(event)}`,
    reject: `agentteam reject ${reference} ${shellWord(event)}`,
  });
  return { channel, notification };
}
