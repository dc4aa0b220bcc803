import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, isWantedEvent, type TeamLive, WAIT_EVENT } from '@agentteam/contract';
import { channelOf, gateNotification, waitNotification } from '@agentteam/notify';
import { briefing, isBriefed, waitBriefing } from '@agentteam/status';
import type { PendingNotification } from '../../notify/notifier.ts';
import type { CachedTeam } from '../cached-resource.ts';

/**
 * How long the notification of a gate waits for the reports of the agents before it. They come from the
 * lead's gateway, which is polled soon after a step has ended.
 */
export const REPORTS_WITHIN_MS = 10_000;

export interface GateNotifications {
  readonly pending: readonly PendingNotification[];
  /** Whether another notification waits for reports. */
  readonly waitsForReports: boolean;
}

/**
 * The notifications of open gates that have not been sent yet.
 * @param now ms since the epoch.
 */
export function gateNotifications(
  team: CachedTeam,
  live: TeamLive | undefined,
  status: AgentTeamStatus,
  now: number,
): GateNotifications {
  const { lifecycle } = team.spec;
  let waitsForReports = false;
  const pending = (status.approvals ?? []).flatMap((approval): PendingNotification[] => {
    if (approval.decision !== undefined || approval.notifiedAt !== undefined) return [];
    const gate = lifecycle.approvalGates?.find(({ event }) => event === approval.event);
    const channel = gate && channelOf(gate);
    if (gate === undefined || channel === undefined) return [];
    const { openedAt = '' } = approval;
    if (!isBriefed(team, live, gate.event) && now < Date.parse(openedAt) + REPORTS_WITHIN_MS) {
      waitsForReports = true;
      return [];
    }
    const { name, namespace = '', uid = '' } = team.metadata;
    const annotate = `kubectl annotate agentteam ${name} -n ${namespace} ${ANNOTATIONS.approvedPrefix}${gate.event}`;
    const notification = gateNotification({
      namespace,
      team: name,
      run: uid,
      event: gate.event,
      at: openedAt,
      ...briefing(team, live, gate.event),
      costUsd: status.estimatedCost ?? '0.00',
      ...(lifecycle.budgetLimit !== undefined && { budgetUsd: lifecycle.budgetLimit }),
      approve: `${annotate}=true`,
      reject: `${annotate}=false`,
    });
    return [{ event: gate.event, channel, notification }];
  });
  return { pending, waitsForReports };
}

/** The notification that the team waits for the provider of the model. */
export function waitNotifications(
  team: CachedTeam,
  live: TeamLive | undefined,
  status: AgentTeamStatus,
): readonly PendingNotification[] {
  const { webhook } = team.spec.observability ?? {};
  const waiting = status.completedAt === undefined ? waitBriefing(live) : undefined;
  if (webhook === undefined || waiting === undefined) return [];
  if (!isWantedEvent(WAIT_EVENT, webhook.events)) return [];
  const { name, namespace = '', uid = '' } = team.metadata;
  const notification = waitNotification({
    ...{ namespace, team: name, run: uid, ...waiting },
    costUsd: status.estimatedCost ?? '0.00',
  });
  return [{ event: WAIT_EVENT, channel: { kind: 'webhook', url: webhook.url }, notification }];
}
