import { readResultBranches } from '@agentteam/detail';
import { localFiles } from '../../outputs/local-files.ts';
import { writeBundle } from '../../outputs/write-bundle.ts';
import type { Outputs } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';
import { fetchCommand } from './result-branches.ts';

/** Finds what a run on this machine produced. */
export async function localOutputs(local: LocalTeam): Promise<Outputs> {
  const { record, reference, resultRepository } = local;
  const { output, team } = record;
  return {
    reference,
    hasEnded: (await local.workflow()).status?.finishedAt !== undefined,
    ...(output !== undefined && { files: localFiles(output) }),
    ...(team.spec.repository !== undefined && {
      result: async () => {
        const branch = (await readResultBranches(resultRepository))?.result;
        if (branch === undefined) return undefined;
        return {
          branch,
          command: fetchCommand(resultRepository, branch).value,
          bundle: (directory, { force }) => writeBundle(resultRepository, branch, directory, force),
        };
      },
    }),
    close: async () => {},
  };
}
