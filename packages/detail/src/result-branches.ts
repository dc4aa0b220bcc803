import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The branches in the repository that the last step of a coding team creates. */
export interface ResultBranches {
  /** Branch of the team's result; absent when a change is outside every scope, or there is no result. */
  readonly result?: string;
  /** Branch that the work started from. */
  readonly base?: string;
  /** Branches of the agents. */
  readonly agents: readonly string[];
}

/**
 * Reads the branches without running git in a repository that agents can influence.
 * @returns undefined when the repository does not exist.
 */
export async function readResultBranches(repository: string): Promise<ResultBranches | undefined> {
  try {
    const head = await readFile(join(repository, 'HEAD'), 'utf8');
    const packed = await readFile(join(repository, 'packed-refs'), 'utf8');
    const branches = packed
      .split('\n')
      .flatMap((line) => /^[0-9a-f]+ refs\/heads\/(.+)$/.exec(line)?.[1] ?? []);
    const result = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? '';
    const agents = branches.filter((branch) => branch.startsWith('agents/'));
    const base = branches.find((branch) => branch !== result && !agents.includes(branch));
    return {
      agents,
      ...(branches.includes(result) && { result }),
      ...(base !== undefined && { base }),
    };
  } catch {
    return undefined;
  }
}
