import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AdmissionConfig } from '../config.ts';
import { type AdmissionRequest, reviewResponse, type Verdict } from './review.ts';

export type Admit = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

/** A request contains two versions of an object, and etcd limits an object to 1.5 MiB. */
const MAX_BODY_BYTES = 8 << 20;

/**
 * Serves the admission webhooks over TLS. A replaced certificate applies to new connections. Resolves
 * when the server listens.
 * @param handlers the handler of each URL path.
 */
export async function serveAdmission(
  { port, certificateDirectory }: AdmissionConfig,
  handlers: Readonly<Record<string, Admit>>,
  log: Logger,
  signal: AbortSignal,
): Promise<Server> {
  const server = createServer(await certificate(certificateDirectory), (request, response) => {
    answer(request, response, handlers).catch((error: Error) => {
      log.warn({ path: request.url, reason: error.message }, 'cannot answer an admission review');
      // The API server then applies the webhook's failure policy.
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  });
  // The kubelet updates a mounted Secret by replacing a symbolic link in its directory.
  let changes = 0;
  const watcher = watch(certificateDirectory, () => {
    changes += 1;
    const change = changes;
    certificate(certificateDirectory).then(
      (fresh) => {
        // A reading that began before the latest change may end after it, with the old certificate.
        if (change === changes) server.setSecureContext(fresh);
      },
      (error: Error) => log.warn({ reason: error.message }, 'cannot read the certificate'),
    );
  });
  signal.addEventListener('abort', () => {
    watcher.close();
    server.close();
    server.closeAllConnections();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

async function certificate(directory: string): Promise<{ cert: Buffer; key: Buffer }> {
  const [cert, key] = await Promise.all([
    readFile(join(directory, 'tls.crt')),
    readFile(join(directory, 'tls.key')),
  ]);
  return { cert, key };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, Admit>>,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const admit = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (admit === undefined || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES)
      throw new Error(`the request is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    readonly request?: AdmissionRequest;
  };
  if (review.request?.uid === undefined) throw new Error('the body is not an AdmissionReview');
  const verdict = await admit(review.request);
  const body = JSON.stringify(reviewResponse(review.request, verdict));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
