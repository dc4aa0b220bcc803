import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface LfsServer {
  /** Large files by their SHA-256. */
  readonly objects: Map<string, Buffer>;
  /** `Authorization` headers of the requests to the file server, which is a different server. */
  readonly strayed: string[];
  /** Answers the batch API: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

const TYPE = 'application/vnd.git-lfs+json';

interface Batch {
  readonly operation: 'download' | 'upload';
  readonly objects: readonly { readonly oid: string; readonly size: number }[];
}

/** Git LFS on loopback. The batch API returns the files' URLs with a header that only opens those. */
export async function startLfs(): Promise<LfsServer> {
  const objects = new Map<string, Buffer>();
  const strayed: string[] = [];
  const ticket = randomUUID();
  const storage = createServer(async (request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) strayed.push(authorization);
    const oid = request.url?.slice(1) ?? '';
    const body = await buffer(request);
    if (request.headers['x-ticket'] !== ticket) response.writeHead(403).end();
    else if (request.method === 'PUT') response.writeHead(keep(objects, oid, body)).end();
    else response.writeHead(objects.has(oid) ? 200 : 404).end(objects.get(oid));
  });
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!request.url?.endsWith('/info/lfs/objects/batch') || request.headers.accept !== TYPE) {
      response.writeHead(404, { 'content-type': TYPE }).end('{"message":"Not found"}');
      return;
    }
    const { operation, objects: wanted } = JSON.parse(String(await buffer(request))) as Batch;
    const found = wanted.map(({ oid, size }) => {
      const action = { href: `${base}/${oid}`, header: { 'X-Ticket': ticket } };
      if (operation === 'upload') {
        return { oid, size, ...(objects.has(oid) ? {} : { actions: { upload: action } }) };
      }
      return objects.has(oid)
        ? { oid, size, actions: { download: action } }
        : { oid, size, error: { code: 404, message: 'Object does not exist' } };
    });
    const body = JSON.stringify({ transfer: 'basic', objects: found, hash_algo: 'sha256' });
    response.writeHead(200, { 'content-type': TYPE }).end(body);
  };
  return {
    objects,
    strayed,
    answer: (request, response) => void answer(request, response),
    close: () =>
      new Promise((resolve) => {
        storage.close(() => resolve());
        storage.closeAllConnections();
      }),
  };
}

/** @returns the status. A file that does not match its name is refused. */
function keep(objects: Map<string, Buffer>, oid: string, body: Buffer): number {
  if (createHash('sha256').update(body).digest('hex') !== oid) return 422;
  objects.set(oid, body);
  return 200;
}
