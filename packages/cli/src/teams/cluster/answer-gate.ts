import { setTimeout as delay } from 'node:timers/promises';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { Failure } from '../../failure.ts';
import type { CustomObjects } from '../../cluster/connection/custom-objects.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import type { DecisionOptions } from '../team-host.ts';
import { alreadyAnswered, approvalOf, approvalPatch, isOpenToAll } from './decision.ts';
import { votesNote } from './votes-note.ts';

/** How often an answer is written again because the team has changed between reading and writing. */
const ATTEMPTS = 20;
/** How long the controller is waited for. It acts on an answer within a second. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;

/**
 * Writes an answer, and waits until it counts. Of several people who answer a gate that is open and that
 * everybody may answer, the first one decides: the API server refuses what was written in ignorance of
 * another answer.
 * @returns what became of it where that takes words.
 * @throws Failure naming who decided what, where another answer counts.
 */
export async function answerGate(
  teams: CustomObjects<AgentTeam>,
  read: () => Promise<{ readonly team: AgentTeam; readonly workflow: Workflow | undefined }>,
  event: string,
  options: DecisionOptions,
  who: string | undefined,
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const { team, workflow } = await read();
    const { name } = team.metadata;
    const patch = approvalPatch(team, workflow, event, options, who);
    if (!isOpenToAll(team, event)) return votesNote(await teams.patch(name, patch), event);
    const { resourceVersion } = team.metadata as { readonly resourceVersion?: string };
    const { annotations } = patch.metadata;
    try {
      await teams.patch(name, { metadata: { annotations, resourceVersion } });
    } catch (error) {
      const isConflict = error instanceof Failure && httpStatus(error.cause) === 409;
      if (!isConflict || attempt === ATTEMPTS) throw error;
      continue;
    }
    return confirmed(teams, name, event, options);
  }
}

/** Waits until the status says how the gate was decided. */
async function confirmed(
  teams: CustomObjects<AgentTeam>,
  name: string,
  event: string,
  { decision }: DecisionOptions,
): Promise<string | undefined> {
  const until = Date.now() + PATIENCE_MS;
  do {
    const team = await teams.read(name);
    const approval = team && approvalOf(team, event);
    if (approval?.decision === decision) return undefined;
    if (approval?.decision !== undefined) throw alreadyAnswered(name, event, approval);
    await delay(PAUSE_MS);
  } while (Date.now() < until);
  return 'the controller has not acted on it yet';
}
