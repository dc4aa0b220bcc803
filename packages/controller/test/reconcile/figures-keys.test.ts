import { expect, test } from '@jest/globals';
import { KubeError } from '../../src/kube/kube-error.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { FiguresKeys } from '../../src/reconcile/figures-keys.ts';

type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** An API server with one Secret. It refuses a write that is based on an old version. */
class Secrets {
  stored: Secret | undefined;
  requests = 0;

  async read<T extends KubeObject>(): Promise<T | undefined> {
    this.requests += 1;
    return this.stored as T | undefined;
  }

  async apply(object: KubeObject) {
    this.requests += 1;
    const metadata = { ...object.metadata, resourceVersion: '1' };
    this.stored ??= { ...object, metadata };
    return metadata;
  }

  async replace(object: KubeObject) {
    this.requests += 1;
    if (object.metadata.resourceVersion !== this.stored?.metadata.resourceVersion) {
      throw new KubeError(409, '{"message":"changed"}');
    }
    const metadata = { ...object.metadata, resourceVersion: '2' };
    this.stored = { ...object, metadata };
    return metadata;
  }
}

test('two replicas that find no key agree on the same key', async () => {
  const secrets = new Secrets();
  const [one, other] = await Promise.all([
    new FiguresKeys(secrets).keyOf('n'),
    new FiguresKeys(secrets).keyOf('n'),
  ]);
  expect(one).toBe(other);
  expect(one).toMatch(/^[\w-]{43}$/);
});

test('reads a key once, and again after it was invalidated or has become old', async () => {
  const secrets = new Secrets();
  let now = 0;
  const keys = new FiguresKeys(secrets, () => now);
  const first = await keys.keyOf('n');
  const { requests } = secrets;
  await Promise.all([keys.keyOf('n'), keys.keyOf('n')]);
  expect(keys.invalidate('n')).toBe(false);
  expect(secrets.requests).toBe(requests);
  const another = Buffer.from('z'.repeat(43)).toString('base64');
  secrets.stored = { ...(secrets.stored as Secret), data: { key: another } };
  now = 61_000;
  expect(await keys.keyOf('n')).toBe(first);
  expect(keys.invalidate('n')).toBe(true);
  expect(await keys.keyOf('n')).toBe('z'.repeat(43));
  secrets.stored = undefined;
  now += 3_600_001;
  expect(await keys.keyOf('n')).not.toBe('z'.repeat(43));
});

test('replaces a key that is too short', async () => {
  const secrets = new Secrets();
  await secrets.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } });
  secrets.stored = { ...(secrets.stored as Secret), data: { key: 'c2VjcmV0', other: 'kept' } };
  const key = await new FiguresKeys(secrets).keyOf('n');
  expect(key).toHaveLength(43);
  expect(secrets.stored?.data).toMatchObject({ other: 'kept' });
});

test('tries again after a failure', async () => {
  const secrets = new Secrets();
  const keys = new FiguresKeys({
    apply: (object) => secrets.apply(object),
    replace: (object) => secrets.replace(object),
    read: async () => {
      if (secrets.requests++ === 0) throw new KubeError(500, 'not now');
      return secrets.stored as never;
    },
  });
  await expect(keys.keyOf('n')).rejects.toThrow('not now');
  expect(await keys.keyOf('n')).toHaveLength(43);
});

test('the API server’s times decide what is older than the key', async () => {
  const secrets = new Secrets();
  await secrets.apply({
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { name: 'x', creationTimestamp: '2026-11-23T10:00:00Z' },
  });
  const keys = new FiguresKeys(secrets);
  const isOlder = (creationTimestamp: string) =>
    keys.isOlderThanKey({ name: 'w', namespace: 'n', creationTimestamp });
  expect(await isOlder('2026-11-23T09:59:59Z')).toBe(true);
  expect(await isOlder('2026-11-23T10:00:00Z')).toBe(false);
  expect(await keys.isOlderThanKey({ name: 'w', namespace: 'n' })).toBe(false);
});
