import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, isWantedEvent, type TeamLive, WAIT_EVENT } from '@agentteam/contract';
import {
  channelOf,
  gateNotification,
  questionNotification,
  waitNotification,
} from '@agentteam/notify';
import { briefing, isBriefed, openQuestions, waitBriefing } from '@agentteam/status';
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

/** The notifications of questions that wait and have not been sent yet. */
export function questionNotifications(
  team: CachedTeam,
  live: TeamLive | undefined,
  status: AgentTeamStatus,
): readonly PendingNotification[] {
  const { questions } = team.spec.lifecycle;
  const channel = questions && channelOf(questions);
  if (channel === undefined || status.completedAt !== undefined) return [];
  const { name, namespace = '', uid = '' } = team.metadata;
  const sent = new Set(
    (status.questions ?? [])
      .filter(({ notifiedAt }) => notifiedAt !== undefined)
      .map(({ id }) => id),
  );
  return openQuestions(live).flatMap((question): PendingNotification[] => {
    const { id, agent, kind, text, choices, default: preset, askedAt, deadline } = question;
    if (sent.has(id)) return [];
    const notification = questionNotification({
      ...{ namespace, team: name, run: uid, id, agent, kind },
      question: text,
      ...(choices !== undefined && { choices }),
      ...(preset !== undefined && { default: preset }),
      at: askedAt,
      deadline,
      costUsd: status.estimatedCost ?? '0.00',
      answer: `agentteam answer ${name} ${id} "…" -n ${namespace}`,
    });
    return [{ event: id, channel, notification }];
  });
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
