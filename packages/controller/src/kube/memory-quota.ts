/**
 * Shares the memory for full objects among namespaces: everyone who can write objects can write ten
 * thousand of them, a megabyte each. A namespace may keep another full object while it uses less than
 * what is free. A single namespace therefore gets half of the memory, two get a third each, and all of
 * them together never exceed the total.
 */
export class MemoryQuota {
  readonly #total: number;
  readonly #reserved = new Map<string, { readonly namespace: string; readonly size: number }>();
  readonly #usedBy = new Map<string, number>();
  #used = 0;

  /** @param total characters for the objects of all namespaces. */
  constructor(total: number) {
    this.#total = total;
  }

  /**
   * Reserves memory for an object, and releases what it had reserved before.
   * @param id identifies the object across kinds.
   * @returns whether the full object may be kept.
   */
  reserve(id: string, namespace: string, size: number): boolean {
    this.release(id);
    const free = this.#total - this.#used;
    if ((this.#usedBy.get(namespace) ?? 0) + size > free - size) return false;
    this.#reserved.set(id, { namespace, size });
    this.#add(namespace, size);
    return true;
  }

  /** Releases the memory of an object that was deleted. */
  release(id: string): void {
    const reserved = this.#reserved.get(id);
    if (reserved === undefined) return;
    this.#reserved.delete(id);
    this.#add(reserved.namespace, -reserved.size);
  }

  #add(namespace: string, size: number): void {
    this.#used += size;
    const used = (this.#usedBy.get(namespace) ?? 0) + size;
    if (used === 0) this.#usedBy.delete(namespace);
    else this.#usedBy.set(namespace, used);
  }
}
