import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.js';
import { signIn } from './support/sign-in.js';

test('users see their own orders', async (t) => {
  const call = await startApp(t);
  const token = await signIn(call, 'ann', 'correct horse');
  const { status, body } = await call('GET', '/orders', { token });
  assert.equal(status, 200);
  assert.deepEqual(
    body.map(({ id }) => id),
    [1, 3],
  );
});

test('orders require signing in', async (t) => {
  const call = await startApp(t);
  assert.equal((await call('GET', '/orders')).status, 401);
  assert.equal((await call('GET', '/orders', { token: 'made.up.token' })).status, 401);
});
