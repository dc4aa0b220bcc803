import { realpath } from 'node:fs/promises';
import { under } from '@agentteam/contract';

/**
 * The directory that is mounted at a container path. On the embedded engine, a mount point is a
 * symbolic link; it is resolved here, because code that writes to shared directories refuses links,
 * which agents could have made. A path that is not mounted is returned unchanged.
 */
export async function mounted(root: string, path: string): Promise<string> {
  const place = under(root, path);
  return root === '' ? place : realpath(place).catch(() => place);
}
