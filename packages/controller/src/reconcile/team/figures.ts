import { PORTS, parseFigures } from '@agentteam/contract';
import { isProofOf, type ProvenFor } from '@agentteam/figures';
import { type WrittenTotals, writtenTotals } from '@agentteam/status';
import type { StoredWorkflow } from '../../argo/stored.ts';
import { httpStatus } from '../../kube/kube-error.ts';
import { type Distrust, isLess, malformed, noKey, notProven, wentDown } from '../distrust.ts';
import type { Heard } from '../live.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

const WHOSE = 'The totals of the last step';

/**
 * The figures of a team that are to be believed: those of its last step once it has ended, before that
 * those of its lead's gateway, which is asked for newer ones while it is up.
 */
export async function figuresOf(
  key: string,
  team: StoredTeam,
  workflow: StoredWorkflow,
  { keys, live }: Pick<TeamContext, 'keys' | 'live'>,
): Promise<Heard> {
  const written = writtenTotals(workflow);
  if (written !== undefined) {
    live.rest(key);
    const heard = live.last(key);
    const distrust = await objectionTo(written, team, workflow, keys);
    return distrust === undefined
      ? believed(written.text, heard, teammatesOf(team))
      : doubted(heard, distrust);
  }
  if (await provesNothing(workflow, keys)) live.rest(key);
  else follow(key, team, workflow, live);
  return live.last(key);
}

async function objectionTo(
  { text, proof }: WrittenTotals,
  team: StoredTeam,
  workflow: StoredWorkflow,
  keys: TeamContext['keys'],
): Promise<Distrust | undefined> {
  const of = provenFor(team, workflow);
  try {
    if (proof === undefined && (await provesNothing(workflow, keys))) return undefined;
    do {
      const secret = await keys.keyOf(of.namespace);
      if (proof !== undefined && isProofOf(secret, of, text, proof)) return undefined;
    } while (keys.doubt(of.namespace));
    return notProven(WHOSE);
  } catch (error) {
    if (httpStatus(error) === 403) return noKey(WHOSE);
    throw error;
  }
}

/**
 * Whether a Workflow is of a release whose runs proved no figures. Of every later one the key was made
 * before the Workflow.
 */
async function provesNothing(
  { metadata }: StoredWorkflow,
  keys: TeamContext['keys'],
): Promise<boolean> {
  try {
    return await keys.isOlderThanKey(metadata);
  } catch (error) {
    if (httpStatus(error) === 403) return false;
    throw error;
  }
}

function believed(text: string, heard: Heard, teammates: readonly string[]): Heard {
  const read = parseFigures(text, teammates);
  if ('problem' in read) return doubted(heard, malformed(WHOSE, read.problem));
  if (heard.figures !== undefined && isLess(read.figures.usd, heard.figures.usd)) {
    return doubted(heard, wentDown(WHOSE));
  }
  return { figures: read.figures };
}

function doubted({ figures }: Heard, distrust: Distrust): Heard {
  return { ...(figures !== undefined && { figures }), distrust };
}

function follow(
  key: string,
  team: StoredTeam,
  workflow: StoredWorkflow,
  live: TeamContext['live'],
): void {
  const lead = team.status?.lead;
  const isUp = workflow.status?.phase === 'Running' && lead?.phase === 'Running';
  if (!isUp || lead.podName === undefined) {
    live.rest(key);
    return;
  }
  live.follow(key, {
    podName: lead.podName,
    port: team.spec.observability?.metrics?.port ?? PORTS.status,
    of: provenFor(team, workflow),
    teammates: teammatesOf(team),
  });
}

function provenFor(team: StoredTeam, { metadata }: StoredWorkflow): ProvenFor {
  const { namespace, name } = workflowRef(team);
  return { namespace, team: name, run: metadata.uid ?? '' };
}

function teammatesOf({ spec }: StoredTeam): readonly string[] {
  return spec.teammates.map(({ name }) => name);
}
