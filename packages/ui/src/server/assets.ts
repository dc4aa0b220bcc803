import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { reply } from './reply.ts';

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

export const NO_PAGE = { error: 'There is no such page.' } as const;

/** Sends a file of the page, or what is wrong with the request. */
export function sendAsset(
  response: ServerResponse,
  method: string | undefined,
  file: Asset | undefined,
): void {
  if (file === undefined) reply(response, 404, NO_PAGE);
  else if (method !== 'GET') reply(response, 405, { error: 'Use GET.' });
  else response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
}
