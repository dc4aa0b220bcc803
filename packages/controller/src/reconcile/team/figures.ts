import { PORTS, parseFigures, roundToCents } from '@agentteam/contract';
import { isProofOf, type ProvenFor } from '@agentteam/figures';
import { type WrittenTotals, writtenTotals } from '@agentteam/status';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { httpStatus } from '../../kube/kube-error.ts';
import type { CachedTeam } from '../cached-resource.ts';
import {
  decreased,
  type FiguresRefusal,
  isLess,
  malformed,
  noKey,
  notProven,
} from '../figures-refusal.ts';
import type { KnownFigures } from '../live-figures.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

const WHOSE = 'The totals of the last step';

/**
 * Returns the trusted figures of a team: the totals of its last step once that has ended, and before
 * that the figures of its lead's gateway, which is polled while it runs.
 */
export async function figuresOf(
  key: string,
  team: CachedTeam,
  workflow: CachedWorkflow,
  { keys, live }: Pick<TeamContext, 'keys' | 'live'>,
): Promise<KnownFigures> {
  const written = writtenTotals(workflow);
  if (written === undefined) {
    if (await isUnproven(workflow, keys)) live.stopPolling(key);
    else pollWhileRunning(key, team, workflow, live);
    return live.latest(key);
  }
  live.stopPolling(key);
  const known = live.latest(key);
  const refusal = await verify(written, team, workflow, keys);
  return refusal === undefined ? finalFigures(written.text, known, team) : refuse(known, refusal);
}

/** @returns why the totals are not trusted; undefined if their proof is valid. */
async function verify(
  { text, proof }: WrittenTotals,
  team: CachedTeam,
  workflow: CachedWorkflow,
  keys: TeamContext['keys'],
): Promise<FiguresRefusal | undefined> {
  const run = provenFor(team, workflow);
  try {
    if (proof === undefined && (await isUnproven(workflow, keys))) return undefined;
    do {
      const secret = await keys.keyOf(run.namespace);
      if (proof !== undefined && isProofOf(secret, run, text, proof)) return undefined;
    } while (keys.invalidate(run.namespace));
    return notProven(WHOSE);
  } catch (error) {
    if (httpStatus(error) === 403) return noKey(WHOSE);
    throw error;
  }
}

/**
 * Whether an earlier release made the Workflow, whose runs did not prove their figures. This release creates
 * the namespace's key before any Workflow.
 */
async function isUnproven(
  { metadata }: CachedWorkflow,
  keys: TeamContext['keys'],
): Promise<boolean> {
  try {
    return await keys.isOlderThanKey(metadata);
  } catch (error) {
    if (httpStatus(error) === 403) return false;
    throw error;
  }
}

function finalFigures(text: string, known: KnownFigures, team: CachedTeam): KnownFigures {
  const read = parseFigures(text, teammatesOf(team));
  if ('problem' in read) return refuse(known, malformed(WHOSE, read.problem));
  const { usd } = read.figures;
  const isDecreased =
    (known.figures !== undefined && isLess(usd, known.figures.usd)) ||
    isLess(roundToCents(usd), shownCost(team));
  return isDecreased ? refuse(known, decreased(WHOSE)) : { figures: read.figures };
}

/**
 * The cost that the status shows. The totals of an earlier end of the run are proven, too, so somebody could put
 * them back after a retry, and a controller that has just started knows no other figures.
 */
function shownCost({ status }: CachedTeam): string {
  const { estimatedCost = '' } = status ?? {};
  return /^[0-9]{1,12}\.[0-9]{2}$/.test(estimatedCost) ? estimatedCost : '0.00';
}

function refuse({ figures }: KnownFigures, refusal: FiguresRefusal): KnownFigures {
  return { ...(figures !== undefined && { figures }), refusal };
}

function pollWhileRunning(
  key: string,
  team: CachedTeam,
  workflow: CachedWorkflow,
  live: TeamContext['live'],
): void {
  const lead = team.status?.lead;
  const isRunning = workflow.status?.phase === 'Running' && lead?.phase === 'Running';
  if (!isRunning || lead.podName === undefined) {
    live.stopPolling(key);
    return;
  }
  live.startPolling(key, {
    podName: lead.podName,
    port: team.spec.observability?.metrics?.port ?? PORTS.status,
    provenFor: provenFor(team, workflow),
    teammates: teammatesOf(team),
  });
}

/** The run that a team's figures are proven for. */
export function provenFor(team: CachedTeam, { metadata }: CachedWorkflow): ProvenFor {
  const { namespace, name } = workflowRef(team);
  return { namespace, team: name, run: metadata.uid ?? '' };
}

function teammatesOf({ spec }: CachedTeam): readonly string[] {
  return spec.teammates.map(({ name }) => name);
}
