/**
 * How much of the objects is kept in memory, by namespace: anybody who may write objects can write
 * ten thousand of a megabyte. A namespace may keep one more as a whole while it has less than is free:
 * alone it has half of all, two have a third each, and all together never more than there is.
 */
export class Allowance {
  readonly #all: number;
  readonly #held = new Map<string, { readonly namespace: string; readonly size: number }>();
  readonly #of = new Map<string, number>();
  #used = 0;

  /** @param all characters that are kept of all namespaces together. */
  constructor(all: number) {
    this.#all = all;
  }

  /**
   * Asks for an object's place, in place of that which it had before.
   * @param id of the object, whatever its kind.
   * @returns whether it may be kept as a whole.
   */
  take(id: string, namespace: string, size: number): boolean {
    this.release(id);
    const free = this.#all - this.#used;
    if ((this.#of.get(namespace) ?? 0) + size > free - size) return false;
    this.#held.set(id, { namespace, size });
    this.#count(namespace, size);
    return true;
  }

  /** The object is gone. */
  release(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#count(held.namespace, -held.size);
  }

  #count(namespace: string, by: number): void {
    this.#used += by;
    const now = (this.#of.get(namespace) ?? 0) + by;
    if (now === 0) this.#of.delete(namespace);
    else this.#of.set(namespace, now);
  }
}
