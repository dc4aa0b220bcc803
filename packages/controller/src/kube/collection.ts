import { Informer, type InformerOptions } from './informer.ts';
import { splitKey } from './objects.ts';

/** A local copy of a collection in the whole cluster, or in some namespaces: one watch for each. */
export class Collection<Stored> {
  readonly #informers: ReadonlyMap<string | undefined, Informer<Stored>>;

  /** @param namespaces which ones; empty: all. */
  constructor(
    options: Omit<InformerOptions<Stored>, 'namespace'>,
    namespaces: readonly string[] = [],
  ) {
    this.#informers =
      namespaces.length === 0
        ? new Map([[undefined, new Informer(options)]])
        : new Map(
            namespaces.map((namespace) => [namespace, new Informer({ ...options, namespace })]),
          );
  }

  get(key: string): Stored | undefined {
    const informer = this.#informers.get(undefined) ?? this.#informers.get(splitKey(key).namespace);
    return informer?.get(key);
  }

  *entries(): Generator<readonly [string, Stored]> {
    for (const informer of this.#informers.values()) yield* informer.values();
  }

  *values(): Generator<Stored> {
    for (const [, stored] of this.entries()) yield stored;
  }

  /** Resolves after the first complete list of each. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map(({ synced }) => synced));
  }

  /** When the one that was silent longest was heard of last, in ms since the epoch. */
  get lastContact(): number {
    return Math.min(...[...this.#informers.values()].map(({ lastContact }) => lastContact));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.run(signal)));
  }
}
