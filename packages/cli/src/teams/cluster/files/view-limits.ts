import pLimit, { type LimitFunction } from 'p-limit';
import { KeptFiles } from './kept-files.ts';

/** Teams that one person follows through their pods at a time. Each is a connection and a program in a pod. */
const MOST_FOLLOWED = 6;
/** Pods that read volumes for one person at a time. */
const PODS_AT_ONCE = 2;

/** What bounds the reading of teams' files for one person. */
export interface ViewLimits {
  readonly followed: { count: number; readonly most: number };
  readonly pods: LimitFunction;
  /** What was read for all people. */
  readonly kept: KeptFiles;
  /** The readings by pods that are going on. */
  readonly running: Set<Promise<void>>;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
}

/** What the readings of all people share. */
export class ViewRegistry {
  readonly #kept = new KeptFiles();
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();

  /** @param people how many people are limited together. */
  limits(people = 1): ViewLimits {
    return {
      followed: { count: 0, most: MOST_FOLLOWED * people },
      pods: pLimit(PODS_AT_ONCE * people),
      kept: this.#kept,
      running: this.#running,
      signal: this.#end.signal,
    };
  }

  /** Ends the readings, and waits until their pods are deleted. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled(this.#running);
  }
}
