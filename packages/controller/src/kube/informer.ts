import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Allowance } from './allowance.ts';
import type { KubeApi, Page } from './api.ts';
import type { Connection } from './connection.ts';
import { AnswerTooLarge, httpStatus, KubeError, reasonOf, retryAfterOf } from './kube-error.ts';
import { type KubeObject, keyOf } from './objects.ts';
import { pathOf } from './paths.ts';

/**
 * A local copy of a collection, kept by list and watch.
 *
 * The client library's own informer stops for good when a connection drops and keeps whole
 * objects in memory; this one lists again after any fault (with jittered backoff), lists anew every
 * few minutes in case an event was lost, and keeps only what `keep` returns.
 */
export interface InformerOptions<Stored> {
  readonly connection: Pick<Connection, 'lines'>;
  readonly api: KubeApi;
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly relistMs: number;
  /** What to keep of an object: a copy, so that the rest can be freed. */
  readonly keep: (object: KubeObject) => Stored;
  /**
   * What to keep of an object that its namespace's share of memory has no room for: enough to know that
   * it is there. Whoever works on it reads it.
   */
  readonly lean: (kept: Stored) => Stored;
  readonly allowance: Allowance;
  /** Called for every object that appeared, changed or went (`now` undefined), after the store has it. */
  readonly onChange: (key: string, now: Stored | undefined, before: Stored | undefined) => void;
  readonly log: Logger;
}

/** Objects of a page, as long as they are small. */
const PAGE = 250;
const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 30_000;
/** A server that does not end a watch when it was asked to is left so much later. */
const OVERDUE_MS = 30_000;
/** Bookmarks come every minute, give or take a quarter: a watch that is silent for longer is dead. */
const SILENT_MS = 100_000;

interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

interface Entry<Stored> {
  readonly version: string;
  readonly stored: Stored;
}

export class Informer<Stored> {
  readonly #options: InformerOptions<Stored>;
  readonly #entries = new Map<string, Entry<Stored>>();
  readonly #synced: Promise<void>;
  #markSynced: () => void = () => {};
  #lastContact = 0;
  /** What the server was asked for at most: fewer, once a page was too large to be read. */
  #page = PAGE;

  constructor(options: InformerOptions<Stored>) {
    this.#options = options;
    this.#synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  /** Resolves after the first complete list, or once the server has refused one. */
  get synced(): Promise<void> {
    return this.#synced;
  }

  /** When the API server was last heard of, in ms since the epoch: what liveness is judged by. */
  get lastContact(): number {
    return this.#lastContact;
  }

  get(key: string): Stored | undefined {
    return this.#entries.get(key)?.stored;
  }

  *values(): Generator<readonly [string, Stored]> {
    for (const [key, entry] of this.#entries) yield [key, entry.stored];
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Runs until the signal aborts. */
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
        this.#refused(error);
        // 410: the version is too old to watch from; listing again is all there is to do.
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
   * A server that refuses is there. Where it says that this controller may not see a namespace, or that
   * there is no such namespace or kind, the others are not kept waiting for a list of it.
   */
  #refused(error: unknown): void {
    const status = httpStatus(error);
    if (status === undefined) return;
    this.#lastContact = Date.now();
    if (status === 403 || status === 404) this.#markSynced();
  }

  async #list(signal: AbortSignal): Promise<string> {
    const seen = new Set<string>();
    let token: string | undefined;
    let version = '';
    do {
      const page = await this.#listPage(token, signal);
      this.#lastContact = Date.now();
      for (const item of page.items) seen.add(this.#put(item));
      version = page.resourceVersion;
      token = page.continueToken;
    } while (token !== undefined);
    for (const key of this.#entries.keys()) if (!seen.has(key)) this.#remove(key);
    return version;
  }

  /** Objects can be so large that a page of them would not fit into memory: then it is a shorter one. */
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
        log.info({ kind, page: this.#page }, 'objects are large; shorter pages are asked for');
      }
    }
  }

  /** Watches from a version for at most `ms`, and resolves with the version that it reached. */
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
      version = this.#event(type, object) ?? version;
    }
    // One that ends as soon as it has begun must not be begun again at once.
    if (version === from && Date.now() - since < Math.min(ms, FIRST_BACKOFF_MS)) {
      throw new Error('the watch ended at once');
    }
    return version;
  }

  /** Applies one watch event; returns the version it carries. */
  #event(phase: string, object: KubeObject): string | undefined {
    if (phase === 'ERROR') {
      const { code = 500 } = object as unknown as { readonly code?: number };
      throw new KubeError(code, JSON.stringify(object));
    }
    if (!object?.metadata?.name && phase !== 'BOOKMARK') {
      throw new Error(`a ${phase} event without an object`);
    }
    if (phase === 'ADDED' || phase === 'MODIFIED') this.#put(object);
    if (phase === 'DELETED') this.#remove(keyOf(object));
    return object?.metadata?.resourceVersion;
  }

  #put(object: KubeObject): string {
    const key = keyOf(object);
    const version = object.metadata.resourceVersion ?? '';
    const before = this.#entries.get(key);
    if (before?.version !== version) {
      const kept = this.#keep(key, object);
      // What cannot be understood is left as it was: one bad object must not end the watch of all.
      if (kept !== undefined) {
        this.#entries.set(key, { version, stored: kept });
        this.#options.onChange(key, kept, before?.stored);
      }
    }
    return key;
  }

  #keep(key: string, object: KubeObject): Stored | undefined {
    const { keep, lean, allowance } = this.#options;
    try {
      const kept = keep(object);
      const { namespace = '' } = object.metadata;
      const size = JSON.stringify(kept).length;
      return allowance.take(this.#idOf(key), namespace, size) ? kept : lean(kept);
    } catch (error) {
      const { kind, log } = this.#options;
      log.error({ kind, object: key, reason: reasonOf(error) }, 'object not understood');
      return undefined;
    }
  }

  #idOf(key: string): string {
    return `${this.#options.kind} ${key}`;
  }

  #remove(key: string): void {
    this.#options.allowance.release(this.#idOf(key));
    const before = this.#entries.get(key);
    if (this.#entries.delete(key)) this.#options.onChange(key, undefined, before?.stored);
  }
}
