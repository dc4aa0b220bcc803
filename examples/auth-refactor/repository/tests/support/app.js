import { once } from 'node:events';
import { createApp } from '../../src/app.js';
import { demoUsers } from '../../src/users.js';

/** Starts an app on a free port until the test ends. Its `call` resolves to status and body. */
export async function startApp(t, config = {}) {
  const server = createApp({ users: demoUsers(), secret: 'test', ...config }).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  return async function call(method, path, { body, token } = {}) {
    const response = await fetch(url + path, {
      method,
      headers: {
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}
