import { join } from 'node:path';
import { readUntrusted } from '@agentteam/volume';

/** The branches in the repository that the last step of a coding team creates. */
export interface ResultBranches {
  /** Branch of the team's result; absent when a change is outside every scope, or there is no result. */
  readonly result?: string;
  /** Branch that the work started from. */
  readonly base?: string;
  /** Branches of the agents. */
  readonly agents: readonly string[];
}

const MAX_REFS_BYTES = 16_777_216; // 16 Mi

/**
 * Reads the branches without running git. A run can come from an archive, so a link, a pipe or a device in the place
 * of a file is not opened.
 * @returns undefined when the repository does not exist.
 */
export async function readResultBranches(repository: string): Promise<ResultBranches | undefined> {
  const head = await readUntrusted(join(repository, 'HEAD'));
  const packed = await readUntrusted(join(repository, 'packed-refs'), MAX_REFS_BYTES);
  if (head === undefined || packed === undefined) return undefined;
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
}
