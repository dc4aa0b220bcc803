import { EXIT } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { isSecretFile } from '../git/leftovers/ignore.ts';
import { findSecrets, idOf } from '../git/leftovers/secrets.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';
import { type AddedFile, readAddedFiles } from './added-files.ts';

interface CommittedSecret {
  readonly id: string;
  /** `src/keys.ts:3: AWS Access Key ID`. */
  readonly words: string;
  readonly object: string;
}

const MOST_SHOWN = 20;

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
  const all = await committedSecrets(repository, commit, clean);
  const open = all.filter(({ id }) => !accepted.includes(id));
  if (open.length === 0) return all.length;
  const shown: string[] = [];
  for (const { id, words, object } of open.slice(0, MOST_SHOWN)) {
    const log = ['log', '-1', '--format=%h by %an', `--find-object=${object}`];
    const where = await gitLine([...log, `${repository.base}..${commit}`], clean);
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

async function committedSecrets(
  { base, leftovers }: TeamRepository,
  commit: string,
  clean: GitOptions,
): Promise<readonly CommittedSecret[]> {
  const found = new Map<string, CommittedSecret>();
  const add = (id: string, words: string, { object }: AddedFile) => {
    if (!found.has(id)) found.set(id, { id, words, object });
  };
  for await (const file of readAddedFiles(base, commit, clean)) {
    if (isSecretFile(file.path, leftovers)) {
      add(idOf(file.object), `${file.path}: a file that may hold secrets`, file);
    }
    for (const { id, kind, line, value } of await findSecrets(file.path, file.content)) {
      if (found.has(id) || (await isIn(base, value, clean))) continue;
      add(id, `${file.path}:${line}: ${kind}`, file);
    }
  }
  return [...found.values()];
}

/** Whether a text stood in the repository before the team began: then it is no secret of theirs. */
async function isIn(commit: string, value: string, clean: GitOptions): Promise<boolean> {
  const [longest = ''] = value.split('\n').toSorted((a, b) => b.length - a.length);
  const args = ['grep', '--quiet', '--fixed-strings', '-f', '-', commit];
  return (await git(args, { ...clean, input: `${longest}\n`, accept: [0, 1] })).exitCode === 0;
}
