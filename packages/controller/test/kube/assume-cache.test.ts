import { expect, test } from '@jest/globals';
import { AssumeCache } from '../../src/kube/assume-cache.ts';
import { isAtLeast, type KubeObject } from '../../src/kube/objects.ts';

const at = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', resourceVersion },
});

function makeCache(seen?: KubeObject) {
  const watched = new Map(seen === undefined ? [] : [['n/a', seen]]);
  return { watched, cache: new AssumeCache<KubeObject>(watched) };
}

test('shows a write until the watch has caught up with it', () => {
  const { watched, cache } = makeCache(at('8'));
  cache.assume(at('10'));
  watched.set('n/a', at('9'));
  cache.observe('n/a', at('9'));
  expect(cache.get('n/a')).toEqual(at('10'));
  watched.set('n/a', at('11'));
  cache.observe('n/a', at('11'));
  expect(cache.get('n/a')).toEqual(at('11'));
});

test('ignores a write that changed nothing', () => {
  const { cache } = makeCache(at('10'));
  cache.assume({ ...at('10'), kind: 'Stale' });
  expect(cache.get('n/a')).toEqual(at('10'));
});

test('drops a write when the watch reports the deletion', () => {
  const { watched, cache } = makeCache(at('8'));
  cache.assume(at('10'));
  watched.delete('n/a');
  cache.observe('n/a', undefined);
  expect(cache.get('n/a')).toBeUndefined();
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
