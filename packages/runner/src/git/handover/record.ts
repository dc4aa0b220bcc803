import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrustedJson } from '@agentteam/volume';

/**
 * What an agent hands over: a commit, in one file that anybody can read as data. In its directory
 * of `PATHS.state`, which it alone can write to.
 */
export interface WorkRecord {
  readonly commit: string;
  /** Of the lead: whether this is everybody's work brought together. */
  readonly merged: boolean;
  /** Whether files of Git LFS lie beside the bundle. */
  readonly large?: boolean;
}

export const WORK_FILE = 'work.json';
const MOST_RECORD_BYTES = 4096;

/** The ref that a bundle of work has. */
export const WORK_REF = 'refs/agentteam/work';

/** Named by its commit: the record never speaks of a bundle that is not whole. */
export function bundleName(commit: string): string {
  return `${BUNDLE_PREFIX}${commit}.bundle`;
}

export const BUNDLE_PREFIX = 'work-';

/** A file of Git LFS that the work needs, by its SHA-256. */
export function largeFileName(id: string): string {
  return `lfs-${id}`;
}

/**
 * @param directory the agent's, in the state directory.
 * @returns undefined: nothing was handed over; `unreadable`: something else lies in its place.
 */
export async function readWorkRecord(
  directory: string,
): Promise<WorkRecord | 'unreadable' | undefined> {
  const path = join(directory, WORK_FILE);
  const value = await readUntrustedJson(path, MOST_RECORD_BYTES);
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
