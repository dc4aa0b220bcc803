import { ANNOTATIONS } from '@agentteam/contract';
import type { Rulings } from '@agentteam/status';
import { specHash } from '../../approvals/spec-hash.ts';
import { voidedVotes } from '../../approvals/votes.ts';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { NewCondition } from '../conditions.ts';
import { alteredGates } from './approvals.ts';

/**
 * The condition `SpecChanged`. A run is compiled once: a change while it runs applies to the next run,
 * and a change after its end applies to a retry.
 * @param retryRefusal why a retry cannot use the team's spec.
 */
export function specChanged(
  team: CachedTeam,
  workflow: CachedWorkflow,
  retryRefusal: string | undefined,
): NewCondition {
  const started = workflow.metadata.annotations?.[ANNOTATIONS.generation];
  const { name, namespace, generation } = team.metadata;
  const spec = workflow.metadata.annotations?.[ANNOTATIONS.spec];
  // A spec that was changed and restored has a new generation but the same hash.
  const isSame =
    started === undefined ||
    started === String(generation) ||
    (spec !== undefined && spec === specHash(team.spec));
  if (isSame) {
    const message = 'The run uses the current spec.';
    return { type: 'SpecChanged', status: 'False', reason: 'AsStarted', message };
  }
  if (retryRefusal !== undefined) {
    return { type: 'SpecChanged', status: 'True', reason: 'CannotRetry', message: retryRefusal };
  }
  return {
    type: 'SpecChanged',
    status: 'True',
    reason: 'ChangedAfterStart',
    message: `The run continues with the spec of generation ${started}. To run the new spec, delete the team (kubectl delete agentteam ${name} -n ${namespace}) and apply it again.`,
  };
}

/** The condition `VotesVoided`: some people answered a gate for another spec than the one that runs. */
export function votesVoided(
  { metadata: { annotations = {} }, spec, status }: CachedTeam,
  specOfRun: () => string,
): readonly NewCondition[] {
  const isVoted = Object.keys(annotations).some((name) => name.startsWith(ANNOTATIONS.votesPrefix));
  if (!isVoted) return [];
  const approved = specOfRun();
  const voided = (spec.lifecycle.approvalGates ?? []).flatMap(({ event }) => {
    const who = voidedVotes(annotations, event, approved);
    return who.length === 0 ? [] : [`${event}: ${who.join(', ')}`];
  });
  const before = status?.conditions?.some(({ type }) => type === 'VotesVoided') ?? false;
  if (voided.length > 0) {
    return [
      {
        type: 'VotesVoided',
        status: 'True',
        reason: 'SpecChanged',
        message: `These answers do not count, because they are for another spec than the one that runs: ${voided.join('; ')}. Answer again.`,
      },
    ];
  }
  const message = 'Every answer is for the spec that runs.';
  return before ? [{ type: 'VotesVoided', status: 'False', reason: 'Counted', message }] : [];
}

/** The condition `GatesAltered`: no answer can open a gate whose condition was changed. */
export function gatesAltered(workflow: CachedWorkflow, rulings: Rulings): readonly NewCondition[] {
  const altered = workflow.status?.finishedAt ? [] : alteredGates(workflow, rulings);
  if (altered.length === 0) return [];
  return [
    {
      type: 'GatesAltered',
      status: 'True',
      reason: 'NotOurs',
      message: `The controller did not write the current conditions of these gates: ${altered.join(', ')}. Somebody changed the Workflow, or the controller's key was replaced. The controller does not open these gates, and it stops a team whose steps no longer wait for them. Delete the team and apply it again.`,
    },
  ];
}
