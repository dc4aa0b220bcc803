import { type KubeObject, keyOf } from './objects.ts';

/**
 * A local copy that already shows what this process has just written: the watch tells of it a few
 * milliseconds later, and work in between must not be done on what was before.
 */
export class AheadStore<T extends KubeObject> {
  readonly #behind: { get(key: string): T | undefined };
  readonly #written = new Map<string, T>();

  constructor(behind: { get(key: string): T | undefined }) {
    this.#behind = behind;
  }

  get(key: string): T | undefined {
    return this.#written.get(key) ?? this.#behind.get(key);
  }

  ahead(written: T): void {
    this.#written.set(keyOf(written), written);
  }

  /** The watch has told of the object: from now on it knows better. */
  caughtUp(key: string): void {
    this.#written.delete(key);
  }
}
