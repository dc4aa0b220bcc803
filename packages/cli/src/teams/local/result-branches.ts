import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../output/terminal/shell-word.ts';
import type { Place } from '../team-host.ts';

/** Title of the command that fetches the result's branch. */
export const GET_IT = 'Get it';

/** The branches of the repository that the last step leaves. */
export interface ResultBranches {
  /** The team's result; absent where it was not within everybody's scope, or there is none. */
  readonly result?: string;
  /** Branches of the agents. */
  readonly others: readonly string[];
}

/**
 * Reads what the last step has made, without running git in it.
 * @returns undefined where it has not made a repository.
 */
export async function readResultBranches(repository: string): Promise<ResultBranches | undefined> {
  try {
    const head = await readFile(join(repository, 'HEAD'), 'utf8');
    const packed = await readFile(join(repository, 'packed-refs'), 'utf8');
    const branches = packed
      .split('\n')
      .flatMap((line) => /^[0-9a-f]+ refs\/heads\/(.+)$/.exec(line)?.[1] ?? []);
    const wanted = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? '';
    const others = branches.filter((branch) => branch.startsWith('agents/'));
    return { others, ...(branches.includes(wanted) && { result: wanted }) };
  } catch {
    return undefined;
  }
}

/** How a person gets the work of a team whose result was not pushed. */
export function fetchPlaces(
  repository: string,
  { result, others }: ResultBranches,
): readonly Place[] {
  if (result !== undefined) {
    return [{ title: 'Branch', location: result }, getIt(repository, result)];
  }
  return others.map((branch) => ({ ...getIt(repository, branch), title: 'Work' }));
}

/** The command that brings a branch into a clone, as a branch of that name. */
export function getIt(repository: string, branch: string): Place {
  const command = `git fetch ${shellWord(repository)} ${shellWord(`${branch}:${branch}`)}`;
  return { title: GET_IT, location: command };
}
