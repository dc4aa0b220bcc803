/**
 * A queue of distinct keys that serves namespaces in turn, so that ten thousand keys in one namespace
 * delay the single key of another by one turn.
 */
export class FairQueue {
  /** In the order of their turns. */
  readonly #namespaces = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (keys?.has(key)) return;
    if (keys === undefined) this.#namespaces.set(namespace, new Set([key]));
    else keys.add(key);
    this.#size += 1;
  }

  delete(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (!keys?.delete(key)) return;
    this.#size -= 1;
    if (keys.size === 0) this.#namespaces.delete(namespace);
  }

  /**
   * Removes and returns the next key.
   * @param mayTake whether a namespace may start another key now.
   */
  take(mayTake: (namespace: string) => boolean): string | undefined {
    for (const [namespace, keys] of this.#namespaces) {
      if (!mayTake(namespace)) continue;
      const [key] = keys as Iterable<string> as [string];
      keys.delete(key);
      this.#size -= 1;
      // Insert the namespace again, behind all others.
      this.#namespaces.delete(namespace);
      if (keys.size > 0) this.#namespaces.set(namespace, keys);
      return key;
    }
    return undefined;
  }
}

/** The namespace of `namespace/name`. A key without a namespace counts as a namespace of its own. */
export function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}
