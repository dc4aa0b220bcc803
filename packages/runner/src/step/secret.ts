import { readFile } from 'node:fs/promises';

/** Reads one key of a mounted Secret; `undefined` when it is absent or empty. */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return text.trim() === '' ? undefined : text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
