import { setTimeout as delay } from 'node:timers/promises';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import type { CustomObjects } from '../../cluster/connection/custom-objects.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import { Failure } from '../../failure.ts';
import type { DecisionOptions } from '../team-host.ts';
import { alreadyAnswered, approvalOf, approvalPatch, isOpenToAll } from './decision.ts';
import { votesNote } from './votes-note.ts';

/** How often to write an answer when the team changes between reading and writing. */
const ATTEMPTS = 20;
/** How long to wait for the controller, which normally acts on an answer within a second. */
const CONFIRMATION_MS = 10_000;
const INTERVAL_MS = 250;

/**
 * Writes an answer and waits until it takes effect. When several people answer a gate that everybody may
 * answer, the first answer decides: the API server refuses an update that did not see the other answer.
 * @returns a remark for the user when the answer does not take effect yet.
 * @throws Failure naming the person who decided and the decision, when another answer came first.
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
    return confirm(teams, name, event, options);
  }
}

/** Waits until the status has a decision for the gate. */
async function confirm(
  teams: CustomObjects<AgentTeam>,
  name: string,
  event: string,
  { decision }: DecisionOptions,
): Promise<string | undefined> {
  const until = Date.now() + CONFIRMATION_MS;
  do {
    const team = await teams.read(name);
    const approval = team && approvalOf(team, event);
    if (approval?.decision === decision) return undefined;
    if (approval?.decision !== undefined) throw alreadyAnswered(name, event, approval);
    await delay(INTERVAL_MS);
  } while (Date.now() < until);
  return 'the controller has not acted on the answer yet';
}
