import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Each check returns a description of the problem, or undefined if there is none. */
export interface HealthChecks {
  readonly alive: () => string | undefined;
  readonly ready: () => string | undefined;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. Resolves when the server listens. */
export function serveHealth(
  port: number,
  registry: Registry,
  { alive, ready }: HealthChecks,
): Promise<Server> {
  const server = createServer(async (request, response) => {
    const check = { '/healthz': alive, '/readyz': ready }[request.url ?? ''];
    if (check !== undefined) {
      const problem = check();
      response.writeHead(problem === undefined ? 200 : 503, { 'content-type': 'text/plain' });
      response.end(`${problem ?? 'ok'}\n`);
    } else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': registry.contentType });
      response.end(await registry.metrics());
    } else {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}
