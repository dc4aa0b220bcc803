import { setTimeout as delay } from 'node:timers/promises';
import type { KubeApi, Page } from './api.ts';
import type { Connection } from './connection.ts';
import { AnswerTooLarge, httpStatus, KubeError, reasonOf, retryAfterOf } from './kube-error.ts';
import { ObjectCache, type ObjectCacheOptions } from './object-cache.ts';
import { type KubeObject, keyOf } from './objects.ts';
import { pathOf } from './paths.ts';

export interface InformerOptions<Cached> extends ObjectCacheOptions<Cached> {
  readonly connection: Pick<Connection, 'lines'>;
  readonly api: KubeApi;
  readonly apiVersion: string;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Milliseconds between two complete lists. */
  readonly relistMs: number;
}

/** Objects per page of a list, unless they turn out to be large. */
const PAGE = 250;
const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 30_000;
/** How long a server may take to end a watch after its timeout. */
const OVERDUE_MS = 30_000;
/** Bookmarks come every minute, give or take 15 seconds: a watch that is silent for longer is dead. */
const SILENT_MS = 100_000;

interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/**
 * A local copy of all objects of a kind, kept up to date by list and watch.
 *
 * The informer of the client library stops for good when a connection breaks, and keeps whole objects
 * in memory. This one lists again after every failure (with jittered backoff) and at regular intervals
 * in case an event was lost, and keeps only what `transform` returns.
 */
export class Informer<Cached> {
  readonly #options: InformerOptions<Cached>;
  readonly #cache: ObjectCache<Cached>;
  readonly #synced: Promise<void>;
  #markSynced: () => void = () => {};
  #lastContact = 0;
  /** Objects to request per page. It shrinks when a page is too large to read. */
  #page = PAGE;

  constructor(options: InformerOptions<Cached>) {
    this.#options = options;
    this.#cache = new ObjectCache(options);
    this.#synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  /** Resolves after the first complete list, or once the server has refused to list. */
  get synced(): Promise<void> {
    return this.#synced;
  }

  /** When the API server last answered, in ms since the epoch. The liveness probe uses it. */
  get lastContact(): number {
    return this.#lastContact;
  }

  get(key: string): Cached | undefined {
    return this.#cache.get(key);
  }

  entries(): Generator<readonly [string, Cached]> {
    return this.#cache.entries();
  }

  /** Lists and watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    while (!signal.aborted) {
      try {
        let version = await this.#list(signal);
        this.#markSynced();
        backoff = FIRST_BACKOFF_MS;
        const relistAt = Date.now() + this.#options.relistMs;
        while (!signal.aborted && Date.now() < relistAt) {
          version = await this.#watch(version, relistAt - Date.now(), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#noteRefusal(error);
        // 410 Gone: the version is too old to watch from, so list at once.
        const wait =
          httpStatus(error) === 410
            ? 0
            : Math.max(backoff * (0.5 + Math.random()), retryAfterOf(error) ?? 0);
        this.#options.log.warn(
          { kind: this.#options.kind, status: httpStatus(error), reason: reasonOf(error), wait },
          'watch lost; listing again',
        );
        await delay(wait, undefined, { signal }).catch(() => {});
        backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
      }
    }
  }

  /**
   * A server that refuses a request is alive. If it refuses because this controller may not read a
   * namespace, or because the namespace or the kind does not exist, the other informers do not wait for
   * this one.
   */
  #noteRefusal(error: unknown): void {
    const status = httpStatus(error);
    if (status === undefined) return;
    this.#lastContact = Date.now();
    if (status === 403 || status === 404) this.#markSynced();
  }

  /** @returns the version of the list, to watch from. */
  async #list(signal: AbortSignal): Promise<string> {
    const listed = new Set<string>();
    let token: string | undefined;
    let version = '';
    do {
      const page = await this.#listPage(token, signal);
      this.#lastContact = Date.now();
      for (const item of page.items) listed.add(this.#cache.put(item));
      version = page.resourceVersion;
      token = page.continueToken;
    } while (token !== undefined);
    this.#cache.retain(listed);
    return version;
  }

  /** Reads a page. If it is too large for the memory, it asks for fewer objects. */
  async #listPage(token: string | undefined, signal: AbortSignal): Promise<Page<KubeObject>> {
    const { api, namespace, labelSelector, log, kind } = this.#options;
    for (;;) {
      try {
        return await api.list<KubeObject>(this.#options, {
          limit: this.#page,
          signal,
          ...(namespace !== undefined && { namespace }),
          ...(labelSelector !== undefined && { labelSelector }),
          ...(token !== undefined && { continueToken: token }),
        });
      } catch (error) {
        if (!(error instanceof AnswerTooLarge) || this.#page === 1) throw error;
        this.#page = Math.max(1, Math.floor(this.#page / 4));
        log.info({ kind, page: this.#page }, 'objects are large; listing in smaller pages');
      }
    }
  }

  /**
   * Watches from a version for at most `ms`.
   * @returns the version that the watch reached.
   */
  async #watch(from: string, ms: number, signal: AbortSignal): Promise<string> {
    const { connection, apiVersion, kind, namespace, labelSelector } = this.#options;
    const path = pathOf(
      { apiVersion, kind, ...(namespace !== undefined && { namespace }) },
      {
        watch: 'true',
        resourceVersion: from,
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(Math.max(1, Math.ceil(ms / 1000))),
        labelSelector,
      },
    );
    const since = Date.now();
    let version = from;
    const ending = AbortSignal.any([signal, AbortSignal.timeout(ms + OVERDUE_MS)]);
    for await (const line of connection.lines(path, SILENT_MS, ending)) {
      this.#lastContact = Date.now();
      const { type, object } = JSON.parse(line) as WatchEvent;
      version = this.#apply(type, object) ?? version;
    }
    // Back off from a server that ends every watch at once.
    if (version === from && Date.now() - since < Math.min(ms, FIRST_BACKOFF_MS)) {
      throw new Error('the server ended the watch at once');
    }
    return version;
  }

  /** Applies one watch event. @returns the version that it carries. */
  #apply(type: string, object: KubeObject): string | undefined {
    if (type === 'ERROR') {
      const { code = 500 } = object as unknown as { readonly code?: number };
      throw new KubeError(code, JSON.stringify(object));
    }
    if (!object?.metadata?.name && type !== 'BOOKMARK') {
      throw new Error(`a watch event of type ${type} has no object`);
    }
    if (type === 'ADDED' || type === 'MODIFIED') this.#cache.put(object);
    if (type === 'DELETED') this.#cache.delete(keyOf(object));
    return object?.metadata?.resourceVersion;
  }
}
