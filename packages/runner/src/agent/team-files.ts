import type { AgentSpec } from '@agentteam/contract';
import {
  addMember,
  listTasks,
  type NativeTeam,
  newMember,
  RefusedError,
  readRoster,
  updateTask,
} from '@agentteam/volume';
import { ASSIGNMENT } from '../records/assignment.ts';
import { log } from './log.ts';

/**
 * Handles an error at the team's files, which every agent can write. An agent that holds a lock forever
 * or replaces a directory with a link may delay the others, but it must not end them.
 * @throws every error that no other agent can cause.
 */
export function ignoreBlockedFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ELOCKED' && !(error instanceof RefusedError)) throw error;
  log('files', `${error.message}; continuing without it`);
  return undefined;
}

/**
 * Adds an agent to the roster again. It left when it ended, and a retry has started it again; mail to an
 * agent that is not in the roster is refused. An agent that is in the roster keeps its entry.
 * @param cwd the working directory as the agent's own process sees it.
 */
export async function joinRoster(native: NativeTeam, spec: AgentSpec, cwd: string): Promise<void> {
  const { name, model, prompt, members } = spec;
  const roster = await readRoster(native);
  if (roster === undefined || roster.members.some((member) => member.name === name)) return;
  const teammates = members.filter(({ role }) => role === 'teammate');
  const index = teammates.findIndex((member) => member.name === name);
  const member = newMember(native.team, { name, model, prompt, cwd }, Date.now(), index);
  await addMember(native, member).catch(ignoreBlockedFile);
}

/**
 * Writes an agent's whole prompt into its task. Setup has only the start of a long prompt, because the
 * spec of a pod cannot hold all prompts of a large team.
 */
export async function describeOwnTask(
  native: NativeTeam,
  { name, prompt }: AgentSpec,
): Promise<void> {
  const tasks = await listTasks(native);
  const own = tasks.find(({ metadata }) => metadata?.[ASSIGNMENT] === name);
  if (own === undefined || own.description === prompt) return;
  await updateTask(native, own.id, () => ({ description: prompt })).catch(ignoreBlockedFile);
}
