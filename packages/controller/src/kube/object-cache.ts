import type { Logger } from 'pino';
import { reasonOf } from './kube-error.ts';
import type { MemoryQuota } from './memory-quota.ts';
import { type KubeObject, keyOf } from './objects.ts';

export interface ObjectCacheOptions<Cached> {
  readonly kind: string;
  /** Returns what to keep of an object. It must be a copy, so that the rest can be freed. */
  readonly transform: (object: KubeObject) => Cached;
  /**
   * Reduces an object that exceeds its namespace's share of memory to what identifies it. A reconcile
   * reads the full object from the API server.
   */
  readonly partial: (cached: Cached) => Cached;
  readonly quota: MemoryQuota;
  /**
   * Called after an object was added, changed or deleted.
   * @param now undefined: the object was deleted.
   */
  readonly onChange: (key: string, now: Cached | undefined, before: Cached | undefined) => void;
  readonly log: Logger;
}

interface Entry<Cached> {
  readonly version: string;
  readonly cached: Cached;
}

/** The objects that an informer has seen, by `namespace/name`. */
export class ObjectCache<Cached> {
  readonly #options: ObjectCacheOptions<Cached>;
  readonly #entries = new Map<string, Entry<Cached>>();

  constructor(options: ObjectCacheOptions<Cached>) {
    this.#options = options;
  }

  get(key: string): Cached | undefined {
    return this.#entries.get(key)?.cached;
  }

  *entries(): Generator<readonly [string, Cached]> {
    for (const [key, { cached }] of this.#entries) yield [key, cached];
  }

  /** Stores a new version of an object. @returns the object's key. */
  put(object: KubeObject): string {
    const key = keyOf(object);
    const version = object.metadata.resourceVersion ?? '';
    const before = this.#entries.get(key);
    if (before?.version === version) return key;
    const cached = this.#transform(key, object);
    // A malformed object leaves its last version in place, and does not end the watch.
    if (cached === undefined) return key;
    this.#entries.set(key, { version, cached });
    this.#options.onChange(key, cached, before?.cached);
    return key;
  }

  delete(key: string): void {
    this.#options.quota.release(this.#idOf(key));
    const before = this.#entries.get(key);
    if (this.#entries.delete(key)) this.#options.onChange(key, undefined, before?.cached);
  }

  /** Deletes every object whose key a complete list did not contain. */
  retain(listed: ReadonlySet<string>): void {
    for (const key of this.#entries.keys()) if (!listed.has(key)) this.delete(key);
  }

  #transform(key: string, object: KubeObject): Cached | undefined {
    const { transform, partial, quota, kind, log } = this.#options;
    try {
      const cached = transform(object);
      const { namespace = '' } = object.metadata;
      const size = JSON.stringify(cached).length;
      return quota.reserve(this.#idOf(key), namespace, size) ? cached : partial(cached);
    } catch (error) {
      log.error({ kind, object: key, reason: reasonOf(error) }, 'ignored a malformed object');
      return undefined;
    }
  }

  #idOf(key: string): string {
    return `${this.#options.kind} ${key}`;
  }
}
