import { createServer, type Server, type ServerOptions } from 'node:http';
import { answerPeers, shareRuns } from '@agentteam/server';
import type { Registry } from 'prom-client';

/** Each check returns a description of the problem, or undefined if there is none. */
export interface HealthChecks {
  readonly alive: () => string | undefined;
  readonly ready: () => string | undefined;
}

/** Connections of one address, such as the kubelet or a scraper, and of all. */
const CONNECTIONS = { each: 16, all: 1024 };
const LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

/**
 * Serves `/healthz`, `/readyz` and `/metrics`. Whoever can reach the port can ask for them: that must
 * not keep the kubelet from asking. Resolves when the server listens.
 */
export function serveHealth(
  port: number,
  registry: Registry,
  { alive, ready }: HealthChecks,
): Promise<Server> {
  const metrics = shareRuns(() => registry.metrics());
  const server = createServer(LIMITS);
  answerPeers(server, CONNECTIONS, async (request, response) => {
    const check = { '/healthz': alive, '/readyz': ready }[request.url ?? ''];
    if (check !== undefined) {
      const problem = check();
      response.writeHead(problem === undefined ? 200 : 503, { 'content-type': 'text/plain' });
      response.end(`${problem ?? 'ok'}\n`);
    } else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': registry.contentType });
      response.end(await metrics());
    } else {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}
