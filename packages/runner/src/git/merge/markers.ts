import { readUntrusted } from '@agentteam/volume';

const MARKER = /^(<{7}|>{7}|\|{7})( |$)/m;

/** Whether a file, by its whole path, is one that a merge left for somebody to settle. */
export async function hasConflictMarkers(file: string): Promise<boolean> {
  return MARKER.test((await readUntrusted(file)) ?? '');
}
