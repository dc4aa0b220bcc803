import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MAX_BYTES = 16 * 1024 * 1024;

/** What a file may be instead of readable, because an agent made it so. Other errors are thrown. */
const UNREADABLE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EACCES', 'ENXIO', 'EPERM']);

/**
 * Reads a file that an agent may have written: not through a symbolic link (it could point at a
 * secret of the reader), not from a pipe or device (opening one would block), not past `maxBytes`.
 * @returns `undefined` where there is no such file.
 */
export async function readUntrusted(
  path: string,
  maxBytes: number = MAX_BYTES,
): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (UNREADABLE.has(error.code ?? '')) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxBytes) return undefined;
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Like {@link readUntrusted}, parsed; `undefined` also for text that is not JSON. */
export async function readUntrustedJson(path: string, maxBytes?: number): Promise<unknown> {
  const text = await readUntrusted(path, maxBytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
