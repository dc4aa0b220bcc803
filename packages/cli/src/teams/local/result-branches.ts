import type { ResultBranches } from '@agentteam/detail';
import { shellWord } from '@agentteam/text';
import type { Location } from '../team-host.ts';

/** Title of the command that fetches the branch of the result. */
export const FETCH_COMMAND = 'Fetch';

/** Where to find the work of a team whose result was not pushed. */
export function branchLocations(
  repository: string,
  { result, agents }: ResultBranches,
): readonly Location[] {
  if (result !== undefined) {
    return [{ title: 'Branch', value: result }, fetchCommand(repository, result)];
  }
  return agents.map((branch) => ({ ...fetchCommand(repository, branch), title: 'Work' }));
}

/** The command that fetches a branch into a clone, under the same name. */
export function fetchCommand(repository: string, branch: string): Location {
  const words = [repository, `${branch}:${branch}`];
  // In a run from somebody else, git could otherwise read one of them as an option that names a program.
  const end = words.some((word) => word.startsWith('-')) ? '-- ' : '';
  const command = `git fetch ${end}${words.map(shellWord).join(' ')}`;
  return { title: FETCH_COMMAND, value: command };
}
