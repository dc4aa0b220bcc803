import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { FIGURES, type TeamLive } from '@agentteam/contract';
import { isAskedBy, type ProvenFor, readAskedToRecord, sealAnswer } from '@agentteam/figures';
import { errorReason, type Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { http } from './node-http.ts';
import { shareRuns } from './share-runs.ts';

export interface StatusSources {
  readonly live: () => Promise<TeamLive>;
  readonly metrics: Metrics;
  /** The team that the figures are proven for. */
  readonly source: ProvenFor;
  readonly agent: string;
  /** The key that proves the figures. Without one, `/status` is not served. */
  readonly key: () => Promise<string | undefined>;
  /** Records a person's answer to a question. @returns what to reply, as JSON. */
  readonly recordAnswer: (answer: unknown) => Promise<object>;
  readonly log: Logger;
}

/** Enough for a scraper, the controller and a person. */
const MAX_CONNECTIONS = 64;
const REQUEST_WITHIN_MS = 10_000;
/** Bytes. A person's answer comes in a header. */
const MAX_HEADERS = 65_536;

/**
 * Serves `/healthz`, `/metrics` (Prometheus) and `/status` (a `TeamLive`), and records people's answers at
 * `/answer`. Anybody who can reach the pod can reach this port. `/status` and `/answer` therefore require a
 * proof that the caller has the namespace's key, and their contents are encrypted with that key.
 */
export function makeStatusServer(sources: StatusSources): Server {
  const { live, metrics } = sources;
  const shared = {
    live: shareRuns(live),
    metrics: shareRuns(() => metrics.registry.metrics()),
  };
  const server = http.createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => {
    answer(sources, shared, request, response).catch((error: unknown) => {
      sources.log.error({ event: 'status-failed', reason: errorReason(error) });
      send(response, 500, 'text/plain', 'failed\n');
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = REQUEST_WITHIN_MS;
  server.headersTimeout = REQUEST_WITHIN_MS;
  return server;
}

const NO_KEY = 'not served: the key for figures is not mounted\n';

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
    case `/${FIGURES.answerPath}`:
      return recordAnswer(sources, request, response);
    case '/metrics': {
      const { contentType } = sources.metrics.registry;
      return send(response, 200, contentType, await shared.metrics());
    }
    default:
      return send(response, 404, 'text/plain', 'not found\n');
  }
}

async function sendFigures(
  { source, agent, key, metrics }: StatusSources,
  live: () => Promise<TeamLive>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const secret = await key();
  if (secret === undefined) {
    return send(response, 404, 'text/plain', NO_KEY);
  }
  const nonce = isAskedBy(secret, source, agent, request.headers);
  if (nonce === undefined) {
    metrics.refused('status');
    return send(response, 403, 'text/plain', 'a proof with the key for figures is required\n');
  }
  const sealed = sealAnswer(secret, source, agent, nonce, JSON.stringify(await live()));
  send(response, 200, 'application/octet-stream', sealed);
}

/** The controller may only send GET requests to pods. To record an answer again changes nothing. */
async function recordAnswer(
  { source, agent, key, metrics, ...sources }: StatusSources,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const secret = await key();
  if (secret === undefined) return send(response, 404, 'text/plain', NO_KEY);
  const asked = readAskedToRecord(secret, source, agent, request.headers);
  if (asked === undefined) {
    metrics.refused('status');
    return send(response, 403, 'text/plain', 'a proof with the key for figures is required\n');
  }
  const reply = await sources.recordAnswer(JSON.parse(asked.answer));
  const sealed = sealAnswer(secret, source, agent, asked.nonce, JSON.stringify(reply));
  send(response, 200, 'application/octet-stream', sealed);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
