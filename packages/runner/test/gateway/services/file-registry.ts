import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { atEnd } from '../team.ts';

const TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  html: 'text/html',
  xml: 'text/xml',
  pom: 'text/xml',
  mod: 'text/plain',
};

/** A registry on loopback that is a tree of files, as Maven, Go and Cargo define it. It demands a credential. */
export interface FileRegistry {
  readonly url: string;
  /** Path and status of each request. */
  readonly log: readonly string[];
}

/**
 * @param indexFile name of the file that answers for its directory.
 * @param accepts whether a request carries the credential.
 */
export async function serveFiles(
  directory: string,
  indexFile: string,
  accepts: (headers: IncomingMessage['headers']) => boolean,
): Promise<FileRegistry> {
  const log: string[] = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    const answer = (status: number, headers = {}) => {
      log.push(`${path} ${status}`);
      return response.writeHead(status, headers);
    };
    if (!accepts(request.headers)) {
      answer(401, { 'www-authenticate': 'Basic realm="files"' }).end();
      return;
    }
    const named = join(directory, path);
    const found = await stat(named).catch(() => undefined);
    const file = found?.isDirectory() ? join(named, indexFile) : named;
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined) {
      answer(404).end();
      return;
    }
    const type = TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    answer(200, { 'content-type': type, 'content-length': size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

export function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
