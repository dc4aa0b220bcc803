import { parseDuration } from '@agentteam/compiler';
import { ANNOTATIONS, DELIVER_EVENT, delivers, isRestricted } from '@agentteam/contract';
import type { Ruling, Rulings } from '@agentteam/status';
import type { StoredWorkflow } from '../argo/stored.ts';
import type { StoredTeam } from '../reconcile/stored.ts';
import { proofOf } from './proof.ts';
import { specHash } from './spec-hash.ts';
import { ballotOf, tally, voidedVotes, votesOf } from './votes.ts';

/** Digest of the spec that a team's run was made of. */
export function specOfRun(team: StoredTeam, workflow: StoredWorkflow | undefined): string {
  // A Workflow of an earlier version has none: nobody voted on its spec in a way that could be checked.
  return workflow?.metadata.annotations?.[ANNOTATIONS.spec] ?? specHash(team.spec);
}

/** As many changes of a spec are remembered. */
const MOST_EARLIER = 16;

/** Digests of the specs that a team's run went on from, when it was retried with another one. */
export function earlierSpecs({ metadata }: Pick<StoredWorkflow, 'metadata'>): readonly string[] {
  const text = metadata.annotations?.[ANNOTATIONS.earlierSpecs] ?? '';
  return text.split(' ').filter(Boolean).slice(-MOST_EARLIER);
}

/** What holds of each gate of a team that only the controller can open. Pure. */
export function rulingsOf(team: StoredTeam, workflow: StoredWorkflow, key: Buffer): Rulings {
  const { lifecycle } = team.spec;
  const { approvalGates = [], approvalTimeout } = lifecycle;
  const gates = approvalGates.filter(
    (gate) =>
      isRestricted(gate) &&
      (gate.event !== DELIVER_EVENT ||
        delivers(lifecycle.onComplete) ||
        Object.hasOwn(workflow.guards, DELIVER_EVENT)),
  );
  // Most teams have none, and a digest of a long spec takes its time.
  if (gates.length === 0) return {};
  const { annotations = {} } = team.metadata;
  const timeoutSeconds = approvalTimeout && parseDuration(approvalTimeout);
  const spec = specOfRun(team, workflow);
  const ballot = ballotOf(annotations, spec);
  // The rules of the spec that the run was made of, as far as the Workflow shows them.
  const isRun = specHash(team.spec) === spec;
  const restricted = gates.filter(({ event }) => isRun || Object.hasOwn(workflow.guards, event));
  return Object.fromEntries(
    restricted.map((gate): [string, Ruling] => {
      const { event } = gate;
      const answer = tally(gate, votesOf(annotations, event), ballot);
      return [
        event,
        {
          proof: proofOf(key, team, spec, event),
          earlier: earlierSpecs(workflow).map((one) => proofOf(key, team, one, event)),
          voided: voidedVotes(annotations, event, spec),
          ...(answer !== undefined && { answer }),
          // Of another spec, which the run was not made of, it ends nothing.
          ...(isRun && timeoutSeconds && { timeoutSeconds }),
        },
      ];
    }),
  );
}
