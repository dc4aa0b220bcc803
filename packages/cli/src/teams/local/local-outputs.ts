import type { Outputs } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';
import { readResultBranches } from './result-branches.ts';

/** Finds what a run on this machine produced. */
export async function localOutputs({ record, resultRepository }: LocalTeam): Promise<Outputs> {
  const { output, team } = record;
  const branches =
    team.spec.repository === undefined ? undefined : await readResultBranches(resultRepository);
  return {
    ...(output !== undefined && { directory: output }),
    ...(branches?.result !== undefined && {
      result: { repository: resultRepository, branch: branches.result },
    }),
  };
}
