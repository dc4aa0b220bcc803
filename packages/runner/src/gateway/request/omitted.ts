import { startOf } from '@agentteam/text';
import type { Logger } from '../log.ts';

/** Agents choose the names, so their number must be limited. */
const MAX_NAMES = 100;

/** Logs the names that the gateway omits from requests, each name once. */
export class Omitted {
  readonly #log: Logger;
  readonly #names: Set<string> = new Set();

  constructor(log: Logger) {
    this.#log = log;
  }

  note(kind: 'beta' | 'field', names: readonly string[]): void {
    for (const name of names.map((one) => startOf(one, 100))) {
      if (this.#names.has(name) || this.#names.size >= MAX_NAMES) continue;
      this.#names.add(name);
      this.#log.warn({ event: 'left-out', kind, name });
    }
  }
}
