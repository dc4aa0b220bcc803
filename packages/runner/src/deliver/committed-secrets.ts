import { EXIT } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { findSuspicious } from '../git/leftovers/committed.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, gitLine } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

const MOST_SHOWN = 20;
const COMMIT_FORMAT = '--format=%h by %an';

/**
 * Stops a delivery whose commits hold likely secrets, until a person has agreed to each. What was pushed
 * once is out of the world no more, so every commit counts, also where a later one removes the secret.
 * @param accepted ids that a person has agreed to.
 * @param clean options of a call in a clean clone, which has the commit.
 * @returns how many were agreed to.
 */
export async function refuseSecrets(
  repository: TeamRepository,
  commit: string,
  accepted: readonly string[],
  clean: GitOptions,
): Promise<number> {
  const { secrets: all } = await findSuspicious(repository, repository.base, commit, clean);
  const open = all.filter(({ id }) => !accepted.includes(id));
  if (open.length === 0) return all.length;
  const shown: string[] = [];
  for (const { id, words, kind, object } of open.slice(0, MOST_SHOWN)) {
    const range = `${repository.base}..${commit}`;
    const where = await gitLine(
      kind === 'commit'
        ? ['log', '-1', COMMIT_FORMAT, object]
        : ['log', '-1', COMMIT_FORMAT, `--find-object=${object}`, range],
      clean,
    );
    shown.push(textFor('log', `- ${words}, ${where || 'in a merge'}, id ${id}`));
  }
  if (open.length > MOST_SHOWN) shown.push(`- and ${open.length - MOST_SHOWN} more`);
  throw new StepFailure(
    [
      'Nothing was delivered, because the commits of the team contain likely secrets:',
      ...shown,
      'Revoke what is real. To deliver all the same, list these ids in lifecycle.acceptedSecrets and run agentteam retry with the changed team. The work is kept in result.git.',
    ].join('\n'),
    EXIT.refused,
  );
}
