import { userInfo } from 'node:os';
import type { TeamPause } from '@agentteam/contract';
import { suspend } from '@agentteam/local';
import { readTeamPause, removeTeamPause, writeTeamPause } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import type { Pausing } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';
import { isHeld } from './run-lock.ts';

/** Pauses a run on this machine. */
export async function pauseLocally(
  team: LocalTeam,
  by: string = userInfo().username,
): Promise<Pausing> {
  const { directory, reference, volumes, record } = team;
  if ((await team.workflow()).status?.finishedAt !== undefined) {
    throw new Failure(`${record.run} has ended, so there is nothing to pause`);
  }
  if (!(await isHeld(directory))) {
    throw new Failure(`no process is running ${record.run}, so there is nothing to pause`, {
      hint: `To continue it, run: agentteam resume ${reference}`,
    });
  }
  const isNew = await writeTeamPause(volumes.control, by);
  const pause = (await readTeamPause(volumes.control)) ?? { by, at: new Date().toISOString() };
  // Repeat the command for the engine: an earlier call may have been killed before it.
  suspend(directory, true);
  return { pause, isNew, notes: [] };
}

/** Ends a pause. @returns the pause that has ended. */
export async function unpause({ directory, volumes }: LocalTeam): Promise<TeamPause | undefined> {
  const paused = await readTeamPause(volumes.control);
  if (paused === undefined) return undefined;
  // The file goes last, so that the command can be repeated if it is killed here.
  suspend(directory, false);
  await removeTeamPause(volumes.control);
  return paused;
}

/** Ends the pause of a run that a process executes. @throws Failure for any other run. */
export async function resumeLocally(team: LocalTeam): Promise<TeamPause> {
  const { run } = team.record;
  if (!(await isHeld(team.directory))) {
    throw new Failure(`no process is running ${run}`, {
      hint: `To continue it in a terminal, run: agentteam resume ${team.reference}`,
    });
  }
  const paused = await unpause(team);
  if (paused !== undefined) return paused;
  throw new Failure(`${run} is running and is not paused`, {
    hint: `To see it, run: agentteam watch ${team.reference}`,
  });
}
