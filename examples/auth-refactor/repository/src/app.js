import { createServer } from 'node:http';
import { authRoutes } from './api/auth/index.js';
import { listOrders } from './api/orders.js';
import { readJson } from './json.js';
import { requireUser } from './middleware/require-user.js';

/**
 * @param config `users`: a map of users by name; `secret`: the key for signatures; `now`: the clock, in
 * milliseconds.
 */
export function createApp({ users, secret, now = Date.now }) {
  const config = { users, secret, now };
  const routes = {
    'GET /health': () => ({ status: 200, body: { ok: true } }),
    'GET /orders': requireUser(config, listOrders),
    ...authRoutes(config),
  };
  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const route = routes[`${request.method} ${pathname}`];
    const { status, body } = route
      ? await answer(route, request)
      : { status: 404, body: { error: 'not_found' } };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
}

async function answer(route, request) {
  const body = await readJson(request);
  if (body === undefined) return { status: 400, body: { error: 'invalid_request' } };
  return route({ headers: request.headers, body });
}
