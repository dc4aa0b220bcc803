import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  countTasks,
  listTasks,
  type NativeTeam,
  taskDirectory,
  watchDirectory,
} from '@agentteam/volume';

const POLL_MS = 2_000;

/**
 * Makes the file from which Argo reads a step's progress, and writes the agent's tasks to it as
 * `completed/total`. The agent's container mounts the file read-only, so it must exist before that
 * container starts, and be written in place.
 * @returns a promise that resolves after the last write.
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
  // Missing progress is no reason to fail the step.
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
    for await (const _ of watchDirectory(taskDirectory(native), { signal, pollMs: POLL_MS })) {
      const { total, completed } = countTasks(await listTasks(native), agent);
      const progress = `${completed}/${total}`;
      // Argo does not accept `0/0`.
      if (total === 0 || progress === shown) continue;
      await handle.truncate(0);
      await handle.write(progress, 0);
      shown = progress;
    }
  } finally {
    await handle.close();
  }
}
