import type { AgentTeamStatus } from '@agentteam/api';
import type { KubeApi } from '../../kube/api.ts';
import { httpStatus } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { type NewCondition, withConditions } from '../conditions.ts';
import type { TeamContext } from './context.ts';
import { refOf, workflowRef } from './refs.ts';
import { requeueAfter } from './requeue.ts';

const TYPE = 'Expiring';
/** When to check again whether the pods of an ended team have ended. */
const CHECK_PODS_MS = 60_000;
/** How many pods to name. */
const MAX_NAMES = 3;

/** An ended team that the controller will delete. */
export interface Expiry {
  readonly condition: NewCondition;
  /** After how many ms to check again. 0: delete the team now. */
  readonly afterMs: number;
}

/**
 * Decides when to delete an ended team, and with it its Workflow and its shared claim. The time counts from
 * when the controller saw the end, which the condition `Expiring` records: anyone who may patch the Workflow
 * can write an end in the past. For the same reason, a team is not deleted while one of its pods runs.
 * @param status the team's status without the condition.
 * @returns undefined if the team has not ended or never expires.
 */
export async function expiryOf(
  team: CachedTeam,
  status: AgentTeamStatus,
  { api, now }: Pick<TeamContext, 'api' | 'now'>,
): Promise<Expiry | undefined> {
  const { ttlSecondsAfterFinished: ttl } = team.spec.lifecycle;
  if (ttl === undefined || !status.completedAt) return undefined;
  const counted = team.status?.conditions?.find(({ type }) => type === TYPE);
  const since =
    counted?.status === 'True' ? Date.parse(counted.lastTransitionTime) : now().getTime();
  const afterMs = requeueAfter(since + ttl * 1000, now().getTime());
  const running = afterMs > 0 ? undefined : await runningPods(team, api);
  return running === undefined
    ? { afterMs, condition: condition('True', 'Ended', `The team has ended. ${kept(ttl)}`) }
    : { afterMs: CHECK_PODS_MS, condition: condition('False', 'PodsRunning', running) };
}

function kept(ttl: number): string {
  return `The controller deletes it ${ttl} s after it saw the end.`;
}

function condition(status: NewCondition['status'], reason: string, message: string): NewCondition {
  return { type: TYPE, status, reason, message };
}

/** @returns why the team may still be running; undefined if it is not. */
async function runningPods(team: CachedTeam, api: KubeApi): Promise<string | undefined> {
  const { name, namespace } = workflowRef(team);
  try {
    const { items } = await api.list<KubeObject>(
      { apiVersion: 'v1', kind: 'Pod' },
      {
        namespace,
        labelSelector: `workflows.argoproj.io/workflow=${name}`,
        fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
        limit: MAX_NAMES,
        metadataOnly: true,
      },
    );
    if (items.length === 0) return undefined;
    const names = items.map(({ metadata }) => metadata.name).join(', ');
    return `The Workflow says that the team has ended, but pods of it are running: ${names}. The team is not deleted before they end.`;
  } catch (error) {
    if (httpStatus(error) !== 403) throw error;
    return 'The team is not deleted, because the controller may not list pods and cannot tell whether they have ended.';
  }
}

/** Adds the condition to a team's status, or removes it. */
export function withExpiry(
  team: CachedTeam,
  status: AgentTeamStatus,
  expiry: Expiry | undefined,
  at: string,
): AgentTeamStatus {
  const others = status.conditions?.filter(({ type }) => type !== TYPE);
  if (expiry !== undefined) {
    return { ...status, conditions: withConditions(team, others, at, [expiry.condition]) };
  }
  return others === undefined ? status : { ...status, conditions: others };
}

/** Deletes a team that has expired. */
export async function deleteExpired(
  team: CachedTeam,
  { api, log }: Pick<TeamContext, 'api' | 'log'>,
): Promise<void> {
  const { name, namespace } = team.metadata;
  try {
    // The server refuses this if the team has been changed or retried a moment ago.
    await api.delete(refOf(team), team.metadata);
  } catch (error) {
    if (httpStatus(error) !== 404) throw error;
  }
  const { ttlSecondsAfterFinished: ttl } = team.spec.lifecycle;
  log.info({ name, namespace, ttl }, 'deleted an expired team');
}
