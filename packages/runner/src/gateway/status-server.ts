import type { Server, ServerResponse } from 'node:http';
import type { TeamLive } from '@agentteam/contract';
import { errorReason, type Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { http } from './node-http.ts';

export interface StatusSources {
  readonly live: () => Promise<TeamLive>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Serves `/healthz`, `/status` (a `TeamLive`) and `/metrics` (Prometheus), read-only and without a token. */
export function makeStatusServer(sources: StatusSources): Server {
  return http.createServer((request, response) => {
    answer(sources, request.method ?? '', request.url ?? '', response).catch((error: unknown) => {
      sources.log.error({ event: 'status-failed', reason: errorReason(error) });
      send(response, 500, 'text/plain', 'failed\n');
    });
  });
}

async function answer(
  { live, metrics }: StatusSources,
  method: string,
  target: string,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    return send(response, 405, 'text/plain', 'GET only\n');
  }
  switch (target.split('?')[0]) {
    case '/healthz':
      return send(response, 200, 'text/plain', 'ok\n');
    case '/status':
      return send(response, 200, 'application/json', JSON.stringify(await live()));
    case '/metrics': {
      const text = await metrics.registry.metrics();
      return send(response, 200, metrics.registry.contentType, text);
    }
    default:
      return send(response, 404, 'text/plain', 'not found\n');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
