import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrustedJson } from '@agentteam/volume';

/**
 * The commit that an agent hands over. Its bundle lies beside this record, in the agent's directory
 * of `PATHS.state`, which only that agent can write to.
 */
export interface WorkRecord {
  readonly commit: string;
  /** For the lead: whether the commit merges the work of all agents. */
  readonly merged: boolean;
  /** Whether Git LFS files lie beside the bundle. */
  readonly large?: boolean;
}

export const WORK_FILE = 'work.json';
const MAX_RECORD_BYTES = 4096;

/** The one ref in a bundle of work. */
export const WORK_REF = 'refs/agentteam/work';

/** The commit is in the name, so that a record never refers to a bundle that is half written. */
export function bundleName(commit: string): string {
  return `${BUNDLE_PREFIX}${commit}.bundle`;
}

export const BUNDLE_PREFIX = 'work-';

/** Name of a Git LFS file that the work needs. @param id SHA-256 of its content. */
export function largeFileName(id: string): string {
  return `lfs-${id}`;
}

/**
 * @param directory the agent's directory in the state directory.
 * @returns `undefined` when nothing was handed over; `unreadable` when the file is not such a record.
 */
export async function readWorkRecord(
  directory: string,
): Promise<WorkRecord | 'unreadable' | undefined> {
  const path = join(directory, WORK_FILE);
  const value = await readUntrustedJson(path, MAX_RECORD_BYTES);
  if (typeof value === 'object' && value !== null && 'commit' in value) {
    const { commit } = value;
    if (typeof commit === 'string' && /^[0-9a-f]{40,64}$/.test(commit)) {
      const isSet = (name: 'merged' | 'large') =>
        (value as Partial<Record<typeof name, unknown>>)[name] === true;
      return { commit, merged: isSet('merged'), large: isSet('large') };
    }
  }
  return (await lstat(path).catch(() => undefined)) === undefined ? undefined : 'unreadable';
}
