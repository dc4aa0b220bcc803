import type { AgentTeamStatus, Condition } from '@agentteam/api';
import { stepTitle } from '@agentteam/status';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { NewCondition } from '../conditions.ts';
import type { WaitingPod } from '../waiting-pods.ts';

const TYPE = 'PodsWaiting';
/** Of a team that the controller has stopped, because one of its pods would never start. */
const STOPPED = 'SidecarCannotStart';

/** The condition that names the pods of a team that do not start, and why. */
export function podsWaiting(
  team: CachedTeam,
  { shutdown }: CachedWorkflow,
  pods: readonly WaitingPod[],
): readonly NewCondition[] {
  const before = conditionIn(team);
  if (shutdown !== undefined) return isStopped(before) ? [before] : [];
  if (pods.length > 0) {
    const message = pods.map(({ step, message: why }) => `${stepTitle(step)}: ${why}`).join(' ');
    const hopeless = pods.find(({ isHopeless }) => isHopeless);
    const reason = hopeless === undefined ? (pods[0]?.reason ?? '') : STOPPED;
    return [{ type: TYPE, status: 'True', reason, message }];
  }
  if (before === undefined) return [];
  const message = 'No pod of the team has trouble starting.';
  return [{ type: TYPE, status: 'False', reason: 'Started', message }];
}

/**
 * Says why agents are pending. After the controller has stopped the team because of a sidecar, the team's
 * message says so.
 */
export function withWaitingPods(
  status: AgentTeamStatus,
  team: CachedTeam,
  { shutdown }: CachedWorkflow,
  pods: readonly WaitingPod[],
): AgentTeamStatus {
  const before = conditionIn(team);
  if (shutdown !== undefined && isStopped(before) && status.completedAt) {
    const message = `The team was stopped, because a pod of it cannot start. ${before.message}`;
    const conditions = (status.conditions ?? []).map((one) =>
      one.type === 'Complete' ? { ...one, message } : one,
    );
    return { ...status, message, conditions };
  }
  const explained = <T extends { phase?: string; podName?: string; message?: string }>(
    agent: T,
  ): T => {
    const pod = pods.find(({ podName }) => podName === agent.podName);
    const isPending = agent.phase === 'Pending';
    return pod === undefined || !isPending ? agent : { ...agent, message: pod.message };
  };
  return {
    ...status,
    ...(status.lead !== undefined && { lead: explained(status.lead) }),
    ...(status.teammates !== undefined && { teammates: status.teammates.map(explained) }),
  };
}

function conditionIn({ status }: CachedTeam): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === TYPE);
}

function isStopped(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'True' && condition.reason === STOPPED;
}
