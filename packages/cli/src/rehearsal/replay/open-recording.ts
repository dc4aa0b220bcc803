import { basename, dirname, join } from 'node:path';
import { usageError } from '../../failure.ts';
import { readRecord, TEAM_DIRECTORY } from '../../teams/local/runs-directory.ts';
import { RecordingSource } from './recording-source.ts';
import type { Renamed } from './renamed.ts';

/** Recordings of a run, below its directory. */
export const RECORDINGS: string = `${TEAM_DIRECTORY}/ledger/recordings`;

/** Where a run keeps its files, and its results if it has any. */
export interface RunPlaces {
  readonly directory: string;
  readonly output?: string;
}

/**
 * Opens a recording for another run.
 * @throws Failure for one that cannot be read.
 */
export async function openRecording(
  directory: string,
  places: RunPlaces,
): Promise<RecordingSource> {
  try {
    return await RecordingSource.open(directory, await renamesFor(directory, places));
  } catch (error) {
    throw usageError(`the recording ${directory} cannot be read: ${(error as Error).message}`);
  }
}

/** Recorded replies name files of the run that they were recorded in. */
async function renamesFor(directory: string, places: RunPlaces): Promise<readonly Renamed[]> {
  if (!directory.endsWith(RECORDINGS)) return [];
  const run = join(directory, ...RECORDINGS.split('/').map(() => '..'));
  const record = await readRecord(dirname(run), basename(run));
  return [
    ...(record?.output === undefined || places.output === undefined
      ? []
      : [{ from: record.output, to: places.output }]),
    { from: run, to: places.directory },
  ];
}
