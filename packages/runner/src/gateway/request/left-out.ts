import type { Logger } from '../log.ts';

/** An agent can make up names; a log does not grow with them. */
const MOST_NAMES = 100;

/** Logs what the gateway leaves out of requests, each name once, for whoever wonders why it has no effect. */
export class LeftOut {
  readonly #log: Logger;
  readonly #names: Set<string> = new Set();

  constructor(log: Logger) {
    this.#log = log;
  }

  note(kind: 'beta' | 'field', names: readonly string[]): void {
    for (const name of names.map((one) => one.slice(0, 100))) {
      if (this.#names.has(name) || this.#names.size >= MOST_NAMES) continue;
      this.#names.add(name);
      this.#log.warn({ event: 'left-out', kind, name });
    }
  }
}
