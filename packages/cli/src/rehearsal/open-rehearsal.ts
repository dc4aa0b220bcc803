import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
import { type Rehearsal, type ScriptedAnswer, startRehearsal } from '@agentteam/rehearsal';
import { volumeDirectories } from '@agentteam/volume';
import { Failure } from '../failure.ts';
import type { RehearsalRecord } from '../teams/local/run-record.ts';
import { TEAM_DIRECTORY } from '../teams/local/runs-directory.ts';
import { loadScript } from './load-script.ts';
import { openRecording, type RunDirectories } from './replay/open-recording.ts';
import { ScriptedPeople } from './scripted-people.ts';

/** Directory, below that of the run, for state that a resumed run needs. */
const DIRECTORY = 'rehearsal';

export interface OpenRehearsal extends Pick<Rehearsal, 'url' | 'port' | 'close'> {
  /** What people answer in the script. */
  readonly answers: readonly ScriptedAnswer[];
  /** How the run deviated from the recording that it replays. */
  readonly deviations: () => readonly string[];
}

/**
 * Starts the server that plays the model, the MCP servers and the hosting service.
 * @param record has port 0 for a new run, which uses any free port; a resumed run needs the same port.
 * @throws Failure when the port is in use.
 */
export async function openRehearsal(
  team: AgentTeam,
  record: RehearsalRecord,
  directories: RunDirectories,
): Promise<OpenRehearsal> {
  const { script: path, scriptOrigin, recording, port } = record;
  const script = await loadScript(team, directories.directory, path, scriptOrigin);
  const source = recording === undefined ? undefined : await openRecording(recording, directories);
  const end = new AbortController();
  const { control, state } = volumeDirectories(join(directories.directory, TEAM_DIRECTORY));
  const people = new ScriptedPeople({
    people: script.people ?? {},
    agents: [LEAD, ...team.spec.teammates.map(({ name }) => name)],
    directory: directories.directory,
    control,
    state,
    signal: end.signal,
  });
  try {
    const { url, close, ...rehearsal } = await startRehearsal({
      script,
      port,
      dir: join(directories.directory, DIRECTORY),
      ...(source !== undefined && { source }),
      onReply: (seen) => people.handle(seen),
    });
    const closeAll = async (): Promise<void> => {
      end.abort();
      await close();
    };
    return {
      url,
      close: closeAll,
      port: rehearsal.port,
      answers: script.people?.answers ?? [],
      deviations: () => source?.deviations ?? [],
    };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new Failure(`port ${port}, which this rehearsal needs, is in use`, {
      hint: 'Stop the program that uses the port, then try again.',
      cause,
    });
  }
}
