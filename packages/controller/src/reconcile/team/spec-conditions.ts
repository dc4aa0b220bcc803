import { ANNOTATIONS } from '@agentteam/contract';
import type { Rulings } from '@agentteam/status';
import { specHash } from '../../approvals/spec-hash.ts';
import { voidedVotes } from '../../approvals/votes.ts';
import type { StoredWorkflow } from '../../argo/stored.ts';
import type { Fresh } from '../conditions.ts';
import type { StoredTeam } from '../stored.ts';
import { alteredGates } from './approvals.ts';

/**
 * A run is compiled once: what changes in the team while it runs is for its next run, and what changes after
 * its end is for a retry.
 * @param refusal why a retry cannot go on with the team's spec.
 */
export function specChanged(
  team: StoredTeam,
  workflow: StoredWorkflow,
  refusal: string | undefined,
): Fresh {
  const started = workflow.metadata.annotations?.[ANNOTATIONS.generation];
  const { name, namespace, generation } = team.metadata;
  const spec = workflow.metadata.annotations?.[ANNOTATIONS.spec];
  // A spec that was changed and put back has another generation, and is the same.
  const isSame =
    started === undefined ||
    started === String(generation) ||
    (spec !== undefined && spec === specHash(team.spec));
  if (isSame) {
    const message = 'The run uses the current spec.';
    return { type: 'SpecChanged', status: 'False', reason: 'AsStarted', message };
  }
  if (refusal !== undefined) {
    return { type: 'SpecChanged', status: 'True', reason: 'CannotRetry', message: refusal };
  }
  return {
    type: 'SpecChanged',
    status: 'True',
    reason: 'ChangedAfterStart',
    message: `The run goes on with the spec of generation ${started}. To run the new one: kubectl delete agentteam ${name} -n ${namespace} and apply it again.`,
  };
}

/** Answers that were given to another spec than the one that runs, while their gates still wait. */
export function votesVoided(
  { metadata: { annotations = {} }, spec, status }: StoredTeam,
  run: () => string,
): readonly Fresh[] {
  const isVoted = Object.keys(annotations).some((name) => name.startsWith(ANNOTATIONS.votesPrefix));
  if (!isVoted) return [];
  const approved = run();
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
        message: `Answers to a spec that is not the one that runs do not count: ${voided.join('; ')}. Answer again.`,
      },
    ];
  }
  const message = 'Every answer is for the spec that runs.';
  return before ? [{ type: 'VotesVoided', status: 'False', reason: 'Counted', message }] : [];
}

/** The Workflow is not the one that was made: then no answer can open its gates. */
export function gatesAltered(workflow: StoredWorkflow, rulings: Rulings): readonly Fresh[] {
  const altered = workflow.status?.finishedAt ? [] : alteredGates(workflow, rulings);
  if (altered.length === 0) return [];
  return [
    {
      type: 'GatesAltered',
      status: 'True',
      reason: 'NotOurs',
      message: `The conditions behind ${altered.join(', ')} are not the ones that this controller wrote: somebody changed the Workflow, or the controller's key was replaced. These gates are not opened, and a team whose steps do not wait for them any more is stopped. Delete the team and apply it again.`,
    },
  ];
}
