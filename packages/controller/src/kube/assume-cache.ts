import type { Lister } from './collection.ts';
import { isAtLeast, type KubeObject, keyOf } from './objects.ts';

/** After this time the watch will not report a write any more: the object was deleted while it was down. */
const ASSUMED_FOR_MS = 60_000;

/**
 * A local copy that shows this process's own writes at once, as the assume cache of kube-scheduler does.
 * The watch reports them a few milliseconds later; work in between must not use the older objects.
 */
export class AssumeCache<T extends KubeObject> implements Lister<T> {
  readonly #watched: Lister<T>;
  readonly #written = new Map<string, { readonly object: T; readonly until: number }>();

  constructor(watched: Lister<T>) {
    this.#watched = watched;
  }

  get(key: string): T | undefined {
    const written = this.#written.get(key);
    return written !== undefined && Date.now() < written.until
      ? written.object
      : this.#watched.get(key);
  }

  /** Shows an object that this process has just written. */
  assume(written: T): void {
    const key = keyOf(written);
    const seen = this.#watched.get(key)?.metadata.resourceVersion;
    // The watch reports no write that changed nothing.
    if (seen !== undefined && isAtLeast(seen, written.metadata.resourceVersion)) return;
    this.#written.set(key, { object: written, until: Date.now() + ASSUMED_FOR_MS });
  }

  /** Drops the assumed object once the watch has caught up with it, or has reported its deletion. */
  observe(key: string, object: T | undefined): void {
    const written = this.#written.get(key)?.object.metadata;
    if (written === undefined) return;
    const { resourceVersion } = object?.metadata ?? {};
    if (object === undefined || isAtLeast(resourceVersion, written.resourceVersion)) {
      this.#written.delete(key);
    }
  }
}
