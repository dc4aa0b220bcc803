import { basename, dirname, join } from 'node:path';
import { usageError } from '../../failure.ts';
import { readRecord } from '../../teams/local/run-record.ts';
import { TEAM_DIRECTORY } from '../../teams/local/runs-directory.ts';
import { RecordingSource } from './recording-source.ts';
import type { PathReplacement } from './replace-paths.ts';

/** Directory of a run's recording, below that of the run. */
export const RECORDINGS: string = `${TEAM_DIRECTORY}/ledger/recordings`;

export interface RunDirectories {
  readonly directory: string;
  /** Directory of the results; absent for a coding team. */
  readonly output?: string;
}

/**
 * Opens a recording for another run.
 * @throws Failure when the recording cannot be read.
 */
export async function openRecording(
  directory: string,
  current: RunDirectories,
): Promise<RecordingSource> {
  try {
    return await RecordingSource.open(directory, await replacementsFor(directory, current));
  } catch (error) {
    throw usageError(`the recording ${directory} cannot be read: ${(error as Error).message}`);
  }
}

/** Replaces the directories of the recorded run, which recorded replies contain, by those of the current run. */
async function replacementsFor(
  directory: string,
  current: RunDirectories,
): Promise<readonly PathReplacement[]> {
  if (!directory.endsWith(RECORDINGS)) return [];
  const run = join(directory, ...RECORDINGS.split('/').map(() => '..'));
  const record = await readRecord(dirname(run), basename(run));
  return [
    ...(record?.output === undefined || current.output === undefined
      ? []
      : [{ from: record.output, to: current.output }]),
    { from: run, to: current.directory },
  ];
}
