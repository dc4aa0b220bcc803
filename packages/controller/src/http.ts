import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface Health {
  /** Words that say what is wrong, or undefined while all is well. */
  readonly alive: () => string | undefined;
  readonly ready: () => string | undefined;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. Resolves when it listens. */
export function serveOperations(port: number, registry: Registry, health: Health): Promise<Server> {
  const server = createServer(async (request, response) => {
    const probe = { '/healthz': health.alive, '/readyz': health.ready }[request.url ?? ''];
    if (probe !== undefined) {
      const problem = probe();
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
