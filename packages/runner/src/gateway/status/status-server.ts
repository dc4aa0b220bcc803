import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { FIGURES, ORDERS, type TeamLive } from '@agentteam/contract';
import {
  FiguresError,
  isAskedBy,
  openOrder,
  type ProvenFor,
  readAskedToRecord,
  sealAnswer,
} from '@agentteam/figures';
import { shareRuns } from '@agentteam/server';
import { errorReason, type Logger } from '../log.ts';
import { carryOut } from '../people/orders.ts';
import type { Metrics } from './metrics.ts';
import { makeStatusPort } from './status-port.ts';

export interface StatusSources {
  readonly live: () => Promise<TeamLive>;
  readonly metrics: Metrics;
  /** The team that the figures are proven for. */
  readonly source: ProvenFor;
  readonly agent: string;
  /** The team's control directory, in which orders are carried out. */
  readonly control: string;
  /** The key that proves the figures. Without one, `/status` is not served. */
  readonly key: () => Promise<string | undefined>;
  /** Records a person's answer to a question. @returns what to reply, as JSON. */
  readonly recordAnswer: (answer: unknown) => Promise<object>;
  readonly log: Logger;
}

/**
 * Serves `/healthz`, `/metrics` (Prometheus), `/status` (a `TeamLive`), `/answer`, which records a person's answer
 * to a question, and `/people`, which carries out a `TeamOrder`. Except for the first two, a request must prove
 * that the caller has the namespace's key; orders and answers are encrypted with that key.
 */
export function makeStatusServer(sources: StatusSources): Server {
  const { live, metrics } = sources;
  const shared = {
    live: shareRuns(live),
    metrics: shareRuns(() => metrics.registry.metrics()),
  };
  return makeStatusPort((request, response) => {
    answer(sources, shared, request, response).catch((error: unknown) => {
      sources.log.error({ event: 'status-failed', reason: errorReason(error) });
      send(response, 500, 'text/plain', 'failed\n');
    });
  });
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
      return sendSealed(sources, request, response, async () =>
        JSON.stringify(await shared.live()),
      );
    case `/${ORDERS.path}`:
      return sendSealed(sources, request, response, async (key, nonce) => {
        const order = openOrder(key, sources.source, nonce, request.headers);
        return JSON.stringify(await carryOut(sources, order));
      });
    case `/${FIGURES.answerPath}`:
      return sendSealed(sources, request, response, async (key) => {
        const asked = readAskedToRecord(key, sources.source, sources.agent, request.headers);
        if (asked === undefined) throw new FiguresError('the answer was not made for this gateway');
        return JSON.stringify(await sources.recordAnswer(JSON.parse(asked.answer)));
      });
    case '/metrics': {
      const { contentType } = sources.metrics.registry;
      return send(response, 200, contentType, await shared.metrics());
    }
    default:
      return send(response, 404, 'text/plain', 'not found\n');
  }
}

/**
 * Answers those who prove that they have the namespace's key. The controller may only send GET requests to pods, so
 * what it hands over is in a header, and handing it over again changes nothing.
 */
async function sendSealed(
  { source, agent, key, metrics }: StatusSources,
  request: IncomingMessage,
  response: ServerResponse,
  answer: (key: string, nonce: string) => Promise<string>,
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
  try {
    const sealed = sealAnswer(secret, source, agent, nonce, await answer(secret, nonce));
    send(response, 200, 'application/octet-stream', sealed);
  } catch (error) {
    if (!(error instanceof FiguresError)) throw error;
    metrics.refused('status');
    send(response, 403, 'text/plain', `${error.message}\n`);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
