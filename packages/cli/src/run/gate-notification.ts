import { type Channel, channelOf, gateNotification, type Notification } from '@agentteam/notify';
import { briefing } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import type { HostedTeam } from '../teams/team-host.ts';

/** A notification and the channel to send it to. */
export interface AddressedNotification {
  readonly channel: Channel;
  readonly notification: Notification;
}

/** @returns undefined when the gate has no channel. */
export function notificationForGate(
  hosted: HostedTeam,
  event: string,
): AddressedNotification | undefined {
  const { team, live, status, limit, reference, name, createdAt } = hosted;
  const { approvalGates = [] } = team.spec.lifecycle;
  const gate = approvalGates.find((candidate) => candidate.event === event);
  const channel = gate && channelOf(gate);
  if (channel === undefined) return undefined;
  const openedAt = status.approvals?.find((approval) => approval.event === event)?.openedAt;
  const notification = gateNotification({
    namespace: team.metadata.namespace ?? 'default',
    team: team.metadata.name ?? '',
    // The name alone is not unique over time: a new run may reuse it after the run was deleted.
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
