import { expect, test } from '@jest/globals';
import { AheadStore } from '../../src/kube/ahead.ts';
import { isAtLeast, type KubeObject } from '../../src/kube/objects.ts';

const at = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', resourceVersion },
});

function store(seen?: KubeObject) {
  const behind = new Map(seen === undefined ? [] : [['n/a', seen]]);
  return { behind, ahead: new AheadStore<KubeObject>(behind) };
}

test('what was written counts until the watch tells of it, and not until older news', () => {
  const { behind, ahead } = store(at('8'));
  ahead.ahead(at('10'));
  behind.set('n/a', at('9'));
  ahead.observed('n/a', at('9'));
  expect(ahead.get('n/a')).toEqual(at('10'));
  behind.set('n/a', at('11'));
  ahead.observed('n/a', at('11'));
  expect(ahead.get('n/a')).toEqual(at('11'));
});

test('a write that made no news does not hide what is known', () => {
  const { ahead } = store(at('10'));
  ahead.ahead({ ...at('10'), kind: 'Stale' });
  expect(ahead.get('n/a')).toEqual(at('10'));
});

test('what is gone is gone', () => {
  const { behind, ahead } = store(at('8'));
  ahead.ahead(at('10'));
  behind.delete('n/a');
  ahead.observed('n/a', undefined);
  expect(ahead.get('n/a')).toBeUndefined();
});

test.each([
  ['10', '9', true],
  ['9', '10', false],
  ['18446744073709551616', '18446744073709551615', true],
  ['9', '9', true],
  ['opaque', '9', true],
])('version %s is at least %s: %s', (one, other, expected) => {
  expect(isAtLeast(one, other)).toBe(expected);
});
