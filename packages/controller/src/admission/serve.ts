import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { join } from 'node:path';
import { isRecord, parseJson } from '@agentteam/contract';
import { answerPeers, peerOf } from '@agentteam/server';
import type { Logger } from 'pino';
import type { AdmissionConfig } from '../config.ts';
import { BodyShares } from './body-shares.ts';
import { type AdmissionRequest, reviewResponse, type Verdict } from './review.ts';

export type Admit = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

/** A request contains two versions of an object, and etcd limits an object to 1.5 MiB. */
const MAX_BODY_BYTES = 8 << 20;
/** An API server handles 200 writing requests at a time, unless it is configured otherwise. */
const CONNECTIONS = { each: 256, all: 2048 };
/** The API server waits no longer than the webhook's `timeoutSeconds` for a reply. */
const REQUEST_WITHIN_MS = 10_000;
const LIMITS: ServerOptions = {
  headersTimeout: REQUEST_WITHIN_MS,
  requestTimeout: REQUEST_WITHIN_MS,
  connectionsCheckingInterval: 1_000,
  handshakeTimeout: REQUEST_WITHIN_MS,
};
/** Time for a body once there is room for it: whoever sends slowly keeps the room from others. */
const BODY_WITHIN_MS = 3_000;
/** Members of all arrays and objects. Eight megabytes of `{},{},…` would take two hundred megabytes of memory. */
const MAX_VALUES = 500_000;

/**
 * Serves the admission webhooks over TLS. A replaced certificate applies to new connections. Resolves
 * when the server listens. Whoever can reach the port can send requests, because an API server proves itself to no
 * webhook: a reply changes nothing, and connections, time and memory are limited, also for each address.
 * @param handlers the handler of each URL path.
 */
export async function serveAdmission(
  { port, certificateDirectory }: AdmissionConfig,
  handlers: Readonly<Record<string, Admit>>,
  log: Logger,
  signal: AbortSignal,
): Promise<Server> {
  const shares = new BodyShares();
  const options = { ...LIMITS, ...(await certificate(certificateDirectory)) };
  const server = createServer(options);
  answerPeers(server, CONNECTIONS, (request, response) => {
    answer(request, response, handlers, shares).catch((error: Error) => {
      log.debug({ path: request.url, reason: error.message }, 'cannot answer an admission review');
      // The API server then applies the webhook's failure policy.
      if (!response.headersSent) response.writeHead(400, { connection: 'close' });
      response.end(() => request.destroy());
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
  shares: BodyShares,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const admit = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (admit === undefined || request.method !== 'POST') {
    response.writeHead(404, { connection: 'close' }).end();
    return;
  }
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(length <= MAX_BODY_BYTES)) {
    throw new Error(`the request does not say that it has at most ${MAX_BODY_BYTES} bytes`);
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const release = await shares.take(peerOf(request.socket), length, gone.signal);
  try {
    const review = parseJson(await bodyOf(request), MAX_VALUES);
    const asked = isRecord(review)
      ? (review['request'] as AdmissionRequest | undefined)
      : undefined;
    if (asked?.uid === undefined) throw new Error('the body is not an AdmissionReview');
    const body = JSON.stringify(reviewResponse(asked, await admit(asked)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } finally {
    release();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const late = setTimeout(() => request.destroy(new Error('the body is late')), BODY_WITHIN_MS);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    clearTimeout(late);
  }
}
