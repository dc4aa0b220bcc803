import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { Failure } from '../failure.ts';
import type { RehearsalRecord } from '../teams/local/runs-directory.ts';
import { openRecording, type RunPlaces } from './replay/open-recording.ts';
import { loadScript } from './load-script.ts';

/** Below a run's directory: where the rehearsal keeps what must survive it. */
const DIRECTORY = 'rehearsal';

export interface OpenRehearsal extends Pick<Rehearsal, 'url' | 'port' | 'close'> {
  /** Where a replay went another way than the run that was recorded. */
  readonly departures: () => readonly string[];
}

/**
 * Starts what plays the model, the MCP servers and the hosting service.
 * @param record with port 0 for any free one; a run that goes on must find it where it was.
 * @throws Failure if the port is taken.
 */
export async function openRehearsal(
  team: AgentTeam,
  record: RehearsalRecord,
  places: RunPlaces,
): Promise<OpenRehearsal> {
  const { script: path, recording, port } = record;
  const script = await loadScript(team, places.directory, path);
  const source = recording === undefined ? undefined : await openRecording(recording, places);
  try {
    const { url, close, ...rehearsal } = await startRehearsal({
      script,
      port,
      dir: join(places.directory, DIRECTORY),
      ...(source === undefined ? {} : { source }),
    });
    return { url, close, port: rehearsal.port, departures: () => source?.departures ?? [] };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new Failure(`port ${port}, on which this rehearsal was, is taken`, {
      wayOut: 'Try again when the program that has it has ended.',
      cause,
    });
  }
}
