import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, isRecord, parseJson, type StopMarker } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { readFileOfAgent } from './file/read.ts';
import { writeJsonOnce } from './file/write.ts';

/**
 * Tells every runner of the team to stop. Only the first marker is written.
 * @returns whether this call wrote it.
 */
export async function writeStopMarker(control: string, marker: StopMarker): Promise<boolean> {
  return writeJsonOnce(join(control, FILES.stop), marker);
}

/** Lets the team run again. Call it only when the budget allows more spending. */
export async function removeStopMarker(control: string): Promise<void> {
  await rm(join(control, FILES.stop), { force: true });
}

/** @returns `undefined` while the team may run. A marker that cannot be read also stops the team. */
export async function readStopMarker(control: string): Promise<StopMarker | undefined> {
  const reading = await readFileOfAgent(join(control, FILES.stop), LIMITS.smallFileBytes);
  if ('missing' in reading) return undefined;
  // A disk that became full during the write leaves something that is not JSON.
  const value = 'text' in reading ? parseJson(reading.text) : undefined;
  if (isRecord(value) && typeof value['message'] === 'string') {
    return value as unknown as StopMarker;
  }
  return { reason: 'budget', agent: '', message: 'The team was told to stop.', at: '' };
}
