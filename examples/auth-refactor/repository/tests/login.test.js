import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.js';
import { signIn } from './support/sign-in.js';

test('a wrong password is refused', async (t) => {
  const call = await startApp(t);
  const { status } = await call('POST', '/login', { body: { name: 'ann', password: 'x' } });
  assert.equal(status, 401);
});

test('a token expires', async (t) => {
  let now = 0;
  const call = await startApp(t, { now: () => now });
  const token = await signIn(call, 'ann', 'correct horse');
  now = 61 * 60 * 1000;
  assert.equal((await call('GET', '/orders', { token })).status, 401);
});
