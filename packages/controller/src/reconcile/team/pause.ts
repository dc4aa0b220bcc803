import { ANNOTATIONS, type TeamPause, utcTime, wholeSeconds } from '@agentteam/contract';
import { type CachedWorkflow, withSuspend } from '../../argo/cached-workflow.ts';
import { isPauseWanted, pauseIn } from '../../people/pause.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { NewCondition } from '../conditions.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';
import { requeueAfter } from './requeue.ts';

/** Type of the condition. */
export const PAUSED = 'Paused';
/** Reasons of the condition that say that a gateway has been told. */
const TOLD = ['PausedByPerson', 'Resumed'];

/** The pause that holds: a person's, or that of somebody who has suspended the Workflow in Argo. */
export function pauseOf(
  team: CachedTeam,
  workflow: CachedWorkflow,
  now: Date,
): TeamPause | undefined {
  if (hasEnded(workflow)) return undefined;
  const annotations = team.metadata.annotations ?? {};
  if (isPauseWanted(annotations)) return pauseIn(annotations);
  const isOurs = workflow.metadata.annotations?.[ANNOTATIONS.pausedBy] !== undefined;
  if (workflow.isSuspended !== true || isOurs) return undefined;
  const before = team.status?.conditions?.find(({ type }) => type === PAUSED);
  const at = before?.status === 'True' ? before.lastTransitionTime : undefined;
  return { by: 'argo suspend', at: at ?? wholeSeconds(now) };
}

/** Suspends the Workflow while a person has paused the team, and ends that when the pause has ended. */
export async function suspend(
  team: CachedTeam,
  workflow: CachedWorkflow,
  pause: TeamPause | undefined,
  { api, workflows }: TeamContext,
): Promise<CachedWorkflow> {
  if (workflow.status?.finishedAt) return workflow;
  const isOurs = workflow.metadata.annotations?.[ANNOTATIONS.pausedBy] !== undefined;
  const isWanted = pause !== undefined && isPauseWanted(team.metadata.annotations ?? {});
  const isDone = isWanted ? isOurs && workflow.isSuspended === true : !isOurs;
  if (isDone) return workflow;
  const { uid } = workflow.metadata;
  const metadata = await api.patch(workflowRef(team), {
    metadata: { uid, annotations: { [ANNOTATIONS.pausedBy]: isWanted ? pause.by : null } },
    spec: { suspend: isWanted ? true : null },
  });
  const after = withSuspend(workflow, isWanted, metadata);
  workflows.assume(after);
  return after;
}

/** Whether a gateway knows already that the team is paused, or that it is not. */
export function isKnown(
  before:
    | { readonly status?: string; readonly reason?: string; readonly message?: string }
    | undefined,
  pause: TeamPause | undefined,
): boolean {
  if (before === undefined) return pause === undefined;
  if (!TOLD.includes(before.reason ?? '')) return false;
  return pause === undefined
    ? before.status === 'False'
    : before.status === 'True' && before.message?.startsWith(sentence(pause)) === true;
}

export function conditionOf(
  before: object | undefined,
  pause: TeamPause | undefined,
  isTold: boolean,
): NewCondition | undefined {
  if (pause !== undefined) {
    return {
      ...{ type: PAUSED, status: 'True', reason: isTold ? 'PausedByPerson' : 'Pausing' },
      message: isTold ? sentence(pause) : `${sentence(pause)} No running agent has been told yet.`,
    };
  }
  if (before === undefined) return undefined;
  return {
    ...{ type: PAUSED, status: 'False', reason: isTold ? 'Resumed' : 'Resuming' },
    message: isTold
      ? 'The team is not paused.'
      : 'The agents have not been told yet that the pause has ended.',
  };
}

function sentence({ by, at }: TeamPause): string {
  return `${by} paused the team at ${utcTime(at)}.`;
}

export function hasEnded({ status, shutdown }: CachedWorkflow): boolean {
  return shutdown !== undefined || Boolean(status?.finishedAt);
}

/** Whether the timeout has expired. Argo does not end a suspended Workflow at its deadline, so the pause must end first. */
export function isLate(workflow: CachedWorkflow, now: Date): boolean {
  const deadline = deadlineOf(workflow);
  return deadline !== undefined && now.getTime() >= deadline;
}

function deadlineOf({ status, deadlineSeconds }: CachedWorkflow): number | undefined {
  if (deadlineSeconds === undefined || !status?.startedAt) return undefined;
  return Date.parse(status.startedAt) + deadlineSeconds * 1000;
}

/** After how many ms the timeout expires; undefined if it has expired, or there is none. */
export function untilDeadline(workflow: CachedWorkflow, now: Date): number | undefined {
  const deadline = deadlineOf(workflow);
  if (deadline === undefined || isLate(workflow, now)) return undefined;
  return requeueAfter(deadline, now.getTime());
}
