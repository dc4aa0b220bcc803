import { EXIT } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { type CommittedSecret, findSuspicious } from '../git/leftovers/committed.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, gitLine } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

const MAX_SHOWN = 20;
const COMMIT_FORMAT = '--format=%h by %an';

/** Arguments of `git log` that find the commit which adds a secret. */
const LOCATED: Readonly<
  Record<CommittedSecret['kind'], (secret: CommittedSecret, range: string) => readonly string[]>
> = {
  commit: ({ object }) => [object],
  file: ({ object }, range) => [`--find-object=${object}`, range],
  name: ({ object }, range) => [
    '--no-renames',
    '--diff-filter=A',
    range,
    '--',
    `:(literal)${object}`,
  ],
};

/**
 * Stops a delivery whose commits contain likely secrets, unless a person has accepted each of them.
 * Every commit counts, even if a later one removes the secret: pushed history can be read for ever.
 * @param accepted ids of the secrets that a person has accepted.
 * @param clean git options for a clean clone, which has the commit.
 * @returns the number of secrets that were accepted.
 */
export async function refuseSecrets(
  repository: TeamRepository,
  commit: string,
  accepted: readonly string[],
  clean: GitOptions,
): Promise<number> {
  const found = await findSuspicious(repository, repository.base, commit, clean);
  const { secrets: all, isCut } = found;
  const open = all.filter(({ id }) => !accepted.includes(id));
  if (open.length === 0 && !isCut) return all.length;
  const shown: string[] = [];
  const range = `${repository.base}..${commit}`;
  for (const secret of open.slice(0, MAX_SHOWN)) {
    const where = await gitLine(
      ['log', '-1', COMMIT_FORMAT, ...LOCATED[secret.kind](secret, range)],
      clean,
    );
    const { id, description } = secret;
    shown.push(textFor('log', `- ${description}, ${where || 'in a merge'}, id ${id}.`));
  }
  if (open.length > MAX_SHOWN) shown.push(`- and ${open.length - MAX_SHOWN} more.`);
  if (isCut) shown.push('- and perhaps others: there are too many to search the rest.');
  throw new StepFailure(
    [
      "Nothing was delivered, because the team's commits contain likely secrets:",
      ...shown,
      'Revoke those that are real. To deliver anyway, list the ids in lifecycle.acceptedSecrets, and run agentteam retry -f with the changed file. The work is kept in result.git.',
    ].join('\n'),
    EXIT.refused,
  );
}
