import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const;

/** Reads the built page. @returns its files by their path in the URL. */
export async function readAssets(directory: string): Promise<ReadonlyMap<string, Asset>> {
  const read = Object.entries(FILES).map(async ([path, [file, type]]) => {
    return [path, { type, bytes: await readFile(join(directory, file)) }] as const;
  });
  return new Map(await Promise.all(read));
}
