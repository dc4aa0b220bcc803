import { Informer, type InformerOptions } from './informer.ts';
import { splitKey } from './objects.ts';

/** Reads objects by `namespace/name`. */
export interface Lister<T> {
  get(key: string): T | undefined;
}

/** A local copy of all objects of a kind, in the whole cluster or in a list of namespaces. */
export class Collection<Cached> implements Lister<Cached> {
  readonly #informers: ReadonlyMap<string | undefined, Informer<Cached>>;

  /** @param namespaces the namespaces to watch, with one watch each; empty: all, with one watch. */
  constructor(
    options: Omit<InformerOptions<Cached>, 'namespace'>,
    namespaces: readonly string[] = [],
  ) {
    this.#informers =
      namespaces.length === 0
        ? new Map([[undefined, new Informer(options)]])
        : new Map(
            namespaces.map((namespace) => [namespace, new Informer({ ...options, namespace })]),
          );
  }

  get(key: string): Cached | undefined {
    const informer = this.#informers.get(undefined) ?? this.#informers.get(splitKey(key).namespace);
    return informer?.get(key);
  }

  *entries(): Generator<readonly [string, Cached]> {
    for (const informer of this.#informers.values()) yield* informer.entries();
  }

  *values(): Generator<Cached> {
    for (const [, cached] of this.entries()) yield cached;
  }

  /** Resolves after the first complete list in every namespace. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map(({ synced }) => synced));
  }

  /** When the API server last answered the watch that has been silent longest, in ms since the epoch. */
  get lastContact(): number {
    return Math.min(...[...this.#informers.values()].map(({ lastContact }) => lastContact));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.run(signal)));
  }
}
