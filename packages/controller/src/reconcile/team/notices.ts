import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, isWantedEvent, type TeamLive, WAIT_EVENT } from '@agentteam/contract';
import { channelOf, gateNotification, waitNotification } from '@agentteam/notify';
import { briefing, isBriefed, waitBriefing } from '@agentteam/status';
import type { Call } from '../../notify/notifier.ts';
import type { StoredTeam } from '../stored.ts';

/**
 * How long a gate's call waits for the reports that belong into it: they come from the lead's
 * gateway, which is asked soon after a step has ended.
 */
export const BRIEFING_MS = 10_000;

/** What a team's gates ask for now. */
export interface GateCalls {
  readonly calls: readonly Call[];
  /** Whether a call waits for reports. */
  readonly waiting: boolean;
}

/**
 * Whom to tell of the gates that wait and of whom nobody was told yet. Pure.
 * @param now milliseconds since the epoch.
 */
export function gateCalls(
  team: StoredTeam,
  live: TeamLive | undefined,
  status: AgentTeamStatus,
  now: number,
): GateCalls {
  const { lifecycle } = team.spec;
  let waiting = false;
  const calls = (status.approvals ?? []).flatMap((approval): Call[] => {
    if (approval.decision !== undefined || approval.notifiedAt !== undefined) return [];
    const gate = lifecycle.approvalGates?.find(({ event }) => event === approval.event);
    const channel = gate && channelOf(gate);
    if (gate === undefined || channel === undefined) return [];
    const { openedAt = '' } = approval;
    if (!isBriefed(team, live, gate.event) && now < Date.parse(openedAt) + BRIEFING_MS) {
      waiting = true;
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
  return { calls, waiting };
}

/** Whom to tell that the team waits for the provider of the model. Pure. */
export function waitCalls(
  team: StoredTeam,
  live: TeamLive | undefined,
  status: AgentTeamStatus,
): readonly Call[] {
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
