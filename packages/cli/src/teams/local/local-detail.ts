import { join } from 'node:path';
import { type DetailSource, resultDiffs, workflowSource } from '@agentteam/detail';
import { runDirectory } from '@agentteam/local';
import { readEvents } from './local-events.ts';
import type { LocalTeam } from './local-team.ts';
import { TEAM_DIRECTORY } from './runs-directory.ts';

/** Opens everything that is known about a run on this machine. */
export async function localDetailSource(team: LocalTeam): Promise<DetailSource> {
  const source = workflowSource(await team.read());
  const { output } = team.record;
  const events = await readEvents(runDirectory(team.directory).events, source.steps);
  return {
    ...source,
    volume: join(team.directory, TEAM_DIRECTORY),
    ...(output !== undefined && { output: { place: output, directory: output } }),
    ...(events !== undefined && { events }),
    ...(team.record.team.spec.repository !== undefined && {
      diffs: () => resultDiffs(team.resultRepository),
    }),
  };
}
