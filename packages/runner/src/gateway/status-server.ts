import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TeamLive } from '@agentteam/contract';
import { isAskedBy, type ProvenFor, sealAnswer } from '@agentteam/figures';
import { errorReason, type Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { http } from './node-http.ts';

export interface StatusSources {
  readonly live: () => Promise<TeamLive>;
  readonly metrics: Metrics;
  /** Whose figures these are, and the key that proves them; without a key nobody is answered. */
  readonly of: ProvenFor;
  readonly agent: string;
  readonly key: () => Promise<string | undefined>;
  readonly log: Logger;
}

/** A scraper, the controller and a person: more at a time have no good reason. */
const MOST_CONNECTIONS = 64;
const REQUEST_WITHIN_MS = 10_000;

/**
 * Serves `/healthz`, `/metrics` (Prometheus: figures and no text) and `/status` (a `TeamLive`), read-only.
 * Whoever reaches the pod reaches this port, so `/status` answers only those who prove that they have
 * the namespace's key, and in a form that only they can read.
 */
export function makeStatusServer(sources: StatusSources): Server {
  const { live, metrics } = sources;
  const shared = {
    live: atOnce(live),
    metrics: atOnce(() => metrics.registry.metrics()),
  };
  const server = http.createServer((request, response) => {
    answer(sources, shared, request, response).catch((error: unknown) => {
      sources.log.error({ event: 'status-failed', reason: errorReason(error) });
      send(response, 500, 'text/plain', 'failed\n');
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.requestTimeout = REQUEST_WITHIN_MS;
  server.headersTimeout = REQUEST_WITHIN_MS;
  return server;
}

async function answer(
  sources: StatusSources,
  shared: { readonly live: () => Promise<TeamLive>; readonly metrics: () => Promise<string> },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, 405, 'text/plain', 'GET only\n');
  }
  switch (request.url?.split('?')[0]) {
    case '/healthz':
      return send(response, 200, 'text/plain', 'ok\n');
    case '/status':
      return sendFigures(sources, shared.live, request, response);
    case '/metrics': {
      const { contentType } = sources.metrics.registry;
      return send(response, 200, contentType, await shared.metrics());
    }
    default:
      return send(response, 404, 'text/plain', 'not found\n');
  }
}

async function sendFigures(
  { of, agent, key, metrics }: StatusSources,
  live: () => Promise<TeamLive>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const secret = await key();
  if (secret === undefined) {
    return send(response, 404, 'text/plain', 'not served: no key for figures is mounted\n');
  }
  const nonce = isAskedBy(secret, of, agent, request.headers);
  if (nonce === undefined) {
    metrics.refused('status');
    return send(
      response,
      403,
      'text/plain',
      'only those who have the key for figures are answered\n',
    );
  }
  const sealed = sealAnswer(secret, of, agent, nonce, JSON.stringify(await live()));
  send(response, 200, 'application/octet-stream', sealed);
}

/** Work that is under way is shared: however many ask, the files behind it are read once at a time. */
function atOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= work().finally(() => {
      current = undefined;
    });
    return current;
  };
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
