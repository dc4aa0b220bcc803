import { isAtLeast, type KubeObject, keyOf } from './objects.ts';

/** A watch that has not told of a write by then never will: the object came and went while it was broken. */
const TOLD_WITHIN_MS = 60_000;

/**
 * A local copy that already shows what this process has just written: the watch tells of it a few
 * milliseconds later, and work in between must not be done on what was before.
 */
export class AheadStore<T extends KubeObject> {
  readonly #behind: { get(key: string): T | undefined };
  readonly #written = new Map<string, { readonly object: T; readonly until: number }>();

  constructor(behind: { get(key: string): T | undefined }) {
    this.#behind = behind;
  }

  get(key: string): T | undefined {
    const written = this.#written.get(key);
    return written !== undefined && Date.now() < written.until
      ? written.object
      : this.#behind.get(key);
  }

  ahead(written: T): void {
    const key = keyOf(written);
    const seen = this.#behind.get(key)?.metadata.resourceVersion;
    // A write that changed nothing makes no news: what the watch has told of already stands.
    if (seen !== undefined && isAtLeast(seen, written.metadata.resourceVersion)) return;
    this.#written.set(key, { object: written, until: Date.now() + TOLD_WITHIN_MS });
  }

  /** The watch has told of the object, or of its end: it knows better, unless it is still behind. */
  observed(key: string, object: T | undefined): void {
    const written = this.#written.get(key)?.object.metadata;
    if (written === undefined) return;
    const { resourceVersion } = object?.metadata ?? {};
    if (object === undefined || isAtLeast(resourceVersion, written.resourceVersion)) {
      this.#written.delete(key);
    }
  }
}
