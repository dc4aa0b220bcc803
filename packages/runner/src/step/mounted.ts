import { realpath } from 'node:fs/promises';
import { under } from '@agentteam/contract';

/**
 * The directory that is mounted at a container path. On the embedded engine a mount point is a
 * symbolic link, made by the engine; it is resolved here, once, because whoever writes to a shared
 * directory later refuses links: there they are an agent's.
 * A path that is not mounted is returned as it is.
 */
export async function mounted(root: string, path: string): Promise<string> {
  const place = under(root, path);
  return root === '' ? place : realpath(place).catch(() => place);
}
