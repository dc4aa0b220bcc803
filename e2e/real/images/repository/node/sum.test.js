import assert from 'node:assert';
import { test } from 'node:test';
import { of } from './sum.js';

test('adds', () => assert.equal(of(1, 2, 3), 6));
