import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import {
  completeScript,
  defaultScript,
  type Rehearsal,
  startRehearsal,
} from '@agentteam/rehearsal';
import { Failure } from '../failure.ts';
import type { RehearsalRecord } from '../host/runs-directory.ts';
import { parseRehearsalScript } from './rehearsal-source.ts';

/** Below a run's directory: where the rehearsal keeps what must survive it. */
const DIRECTORY = 'rehearsal';

/**
 * Starts what plays the model, the MCP servers and the hosting service.
 * @param record with port 0 for any free one; a run that goes on must find it where it was.
 * @throws Failure if the port is taken.
 */
export async function openRehearsal(
  team: AgentTeam,
  record: RehearsalRecord,
  runDirectory: string,
): Promise<Rehearsal> {
  const { script: path, port } = record;
  const script =
    path === undefined
      ? defaultScript(team)
      : completeScript(parseRehearsalScript(await readFile(path, 'utf8'), path), team);
  try {
    return await startRehearsal({ script, port, dir: join(runDirectory, DIRECTORY) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new Failure(`port ${port}, on which this rehearsal was, is taken`, {
      wayOut: 'Try again when the program that has it has ended.',
      cause,
    });
  }
}
