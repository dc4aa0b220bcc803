import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, type StopMarker } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { isRecord, parseJson } from './file/parse-json.ts';
import { readFileOfAgent } from './file/read.ts';
import { writeJsonOnce } from './file/write.ts';

/**
 * Tells every runner of the team to stop. The first marker stays.
 * @returns whether it was this one.
 */
export async function writeStopMarker(control: string, marker: StopMarker): Promise<boolean> {
  return writeJsonOnce(join(control, FILES.stop), marker);
}

/** Lets the team go on; only for who knows that there is money again. */
export async function removeStopMarker(control: string): Promise<void> {
  await rm(join(control, FILES.stop), { force: true });
}

/** @returns `undefined` while the team may go on. A marker that cannot be read stops it all the same. */
export async function readStopMarker(control: string): Promise<StopMarker | undefined> {
  const reading = await readFileOfAgent(join(control, FILES.stop), LIMITS.smallFileBytes);
  if ('missing' in reading) return undefined;
  // Not JSON where a disk ran full while it was written.
  const value = 'text' in reading ? parseJson(reading.text) : undefined;
  if (isRecord(value) && typeof value['message'] === 'string') {
    return value as unknown as StopMarker;
  }
  return { reason: 'budget', agent: '', message: 'The team was told to stop.', at: '' };
}
