import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  countTasks,
  listTasks,
  type NativeTeam,
  taskDirectory,
  watchDirectory,
} from '@agentteam/volume';

/** A step's progress is for a person to look at. */
const LOOK_MS = 2_000;

/**
 * Makes the file in which Argo looks for a step's progress, and keeps an agent's own tasks in it,
 * done of owned. The agent's container has this very file mounted read-only, so it must be there
 * before that container begins, and be written in place.
 * @returns what resolves when it is written no more.
 */
export async function followProgress(
  { file, follows }: { readonly file: string; readonly follows: boolean },
  native: NativeTeam,
  agent: string,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(file, flags, 0o644);
  const ended = follows ? follow(handle, native, agent, signal) : handle.close();
  // A step that shows nothing is no reason to fail it.
  return { ended: ended.catch(() => {}) };
}

async function follow(
  handle: FileHandle,
  native: NativeTeam,
  agent: string,
  signal: AbortSignal,
): Promise<void> {
  let shown = '';
  try {
    for await (const _ of watchDirectory(taskDirectory(native), { signal, pollMs: LOOK_MS })) {
      const { total, completed } = countTasks(await listTasks(native), agent);
      const progress = `${completed}/${total}`;
      // Argo takes no `0/0`.
      if (total === 0 || progress === shown) continue;
      await handle.truncate(0);
      await handle.write(progress, 0);
      shown = progress;
    }
  } finally {
    await handle.close();
  }
}
