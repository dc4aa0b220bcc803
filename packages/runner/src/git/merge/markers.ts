import { readUntrusted } from '@agentteam/volume';

const MARKER = /^(<{7}|>{7}|\|{7})( |$)/m;

/** Whether a file has conflict markers. @param file absolute path. */
export async function hasConflictMarkers(file: string): Promise<boolean> {
  return MARKER.test((await readUntrusted(file)) ?? '');
}
