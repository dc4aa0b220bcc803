import { isDeepStrictEqual } from 'node:util';
import type { ProviderWait } from '@agentteam/contract';
import { removeProviderWait, writeProviderWait } from '@agentteam/volume';
import { errorReason, type Logger } from '../log.ts';

/**
 * An agent that asks no more does not wait. The file stays that long, so that what ended the agent
 * while it waited (its deadline, a killed engine) can be told together with what it waited for.
 */
const HIDE_MS = 30_000;

/** What an agent waits for, as others read it: in a file of the control directory. */
export class ShownWait {
  readonly #control: string;
  readonly #agent: string;
  readonly #log: Logger;
  #current: ProviderWait | undefined;
  #hiding: NodeJS.Timeout | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: { readonly control: string; readonly agent: string; readonly log: Logger }) {
    this.#control = options.control;
    this.#agent = options.agent;
    this.#log = options.log;
  }

  get current(): ProviderWait | undefined {
    return this.#current;
  }

  /** @param wait undefined: the agent goes on. */
  show(wait: ProviderWait | undefined): void {
    clearTimeout(this.#hiding);
    if (isDeepStrictEqual(wait, this.#current)) return;
    this.#current = wait;
    this.#log.info({ event: wait === undefined ? 'wait-over' : 'waiting', ...wait });
    this.#write(wait);
  }

  /** Hides it unless somebody waits again meanwhile. */
  hideLater(): void {
    clearTimeout(this.#hiding);
    if (this.#current === undefined) return;
    this.#hiding = setTimeout(() => this.show(undefined), HIDE_MS).unref();
  }

  /** Leaves the file as it is. Resolves when all is written. */
  async end(): Promise<void> {
    clearTimeout(this.#hiding);
    await this.#written;
  }

  #write(wait: ProviderWait | undefined): void {
    const write = () =>
      wait === undefined
        ? removeProviderWait(this.#control, this.#agent)
        : writeProviderWait(this.#control, this.#agent, wait);
    this.#written = this.#written.then(write).catch((error: unknown) => {
      this.#log.error({ event: 'wait-unwritten', reason: errorReason(error) });
    });
  }
}
