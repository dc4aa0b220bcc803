/**
 * Keys that wait, each there once, by namespace: namespaces take turns, so that one with ten thousand
 * keys holds up another's only key by one.
 */
export class Turns {
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
   * Takes the key whose turn it is.
   * @param may whether a namespace may have another one now.
   */
  take(may: (namespace: string) => boolean): string | undefined {
    for (const [namespace, keys] of this.#namespaces) {
      if (!may(namespace)) continue;
      const [key] = keys as Iterable<string> as [string];
      keys.delete(key);
      this.#size -= 1;
      // Behind all others.
      this.#namespaces.delete(namespace);
      if (keys.size > 0) this.#namespaces.set(namespace, keys);
      return key;
    }
    return undefined;
  }
}

/** Of `namespace/name`; a key without one is a namespace of its own. */
export function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}
