import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInRequest, tokenOf } from './sign-in.js';

test('the form sends the name and password', () => {
  assert.deepEqual(signInRequest('ann', 'x'), {
    path: '/login',
    method: 'POST',
    body: { name: 'ann', password: 'x' },
  });
});

test('the token is taken from the answer', () => {
  assert.equal(tokenOf({ token: 't' }), 't');
});
