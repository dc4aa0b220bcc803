import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { openPlainFile, readUntrusted } from '@agentteam/volume';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { print } from '../../step/print.ts';
import { branchOf } from '../branches.ts';
import { findCommit } from '../commits.ts';
import { inTree } from '../options.ts';
import { ownRepository, type TeamRepository } from '../repository.ts';
import { git } from '../run.ts';

/** What git accepts as HEAD. It is a few hundred bytes long at most. */
const HEAD = /^(?:ref: refs\/[^\s]+|[0-9a-f]{40}|[0-9a-f]{64})\s*$/;
const MAX_HEAD_BYTES = 4096;
/** An index begins with these bytes: gitformat-index(5). */
const INDEX_MAGIC = 'DIRC';

/**
 * Repairs the files with which an agent's repository refers to its work, if the agent has emptied or replaced them:
 * `HEAD` leads to the agent's branch again, and the index is made anew. Commits of another branch that HEAD led to are
 * not lost either, because their files are in the worktree. Call this only while the agent is not at work.
 * @throws StepFailure with `EXIT.refused` when the branch is damaged as well.
 */
export async function repairRepository(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<void> {
  const own = ownRepository(repository, agent);
  const branch = branchOf(repository, agent);
  const head = join(own, 'HEAD');
  const isHeadWhole = HEAD.test((await readUntrusted(head, MAX_HEAD_BYTES)) ?? '');
  if (!isHeadWhole) {
    const temporary = `${head}.repaired`;
    await rm(temporary, { force: true, recursive: true });
    await writeFile(temporary, `ref: refs/heads/${branch}\n`, { flag: 'wx' });
    await rm(head, { force: true, recursive: true });
    await rename(temporary, head);
    if ((await findCommit('HEAD', inTree(repository, agent, signal))) === undefined) {
      throw new StepFailure(
        `${agent} has damaged its repository: HEAD is not readable, and its branch ${branch} leads to no commit. All files are kept. Restore refs/heads/${branch} in ${own}, then run agentteam retry.`,
        EXIT.refused,
      );
    }
    print(`the HEAD of ${agent}'s repository was damaged, and leads to its branch again`);
  }
  if (await isIndexDamaged(join(own, 'index'))) {
    await rm(join(own, 'index'), { force: true, recursive: true });
    await git(['read-tree', 'HEAD'], inTree(repository, agent, signal));
    print(`the index of ${agent}'s repository was damaged, and is made anew`);
  }
}

/** An absent index is empty, which git accepts. */
async function isIndexDamaged(path: string): Promise<boolean> {
  const file = await openPlainFile(path);
  if (file === undefined) return exists(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(INDEX_MAGIC.length));
    return buffer.toString('latin1', 0, bytesRead) !== INDEX_MAGIC;
  } finally {
    await file.close();
  }
}
