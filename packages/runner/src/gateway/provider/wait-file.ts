import { isDeepStrictEqual } from 'node:util';
import type { ProviderWait } from '@agentteam/contract';
import { recordPastProviderWait, removeProviderWait, writeProviderWait } from '@agentteam/volume';
import { errorReason, type Logger } from '../log.ts';

/**
 * An agent that sends no more requests is no longer waiting. The file is kept for this time, so that
 * after an end during the wait (a deadline, a killed engine) its reason can still be shown.
 */
const REMOVE_AFTER_MS = 30_000;

/** The file in the control directory that shows which wait an agent is in. */
export class WaitFile {
  readonly #control: string;
  readonly #agent: string;
  readonly #log: Logger;
  #current: ProviderWait | undefined;
  #removing: NodeJS.Timeout | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: { readonly control: string; readonly agent: string; readonly log: Logger }) {
    this.#control = options.control;
    this.#agent = options.agent;
    this.#log = options.log;
  }

  get current(): ProviderWait | undefined {
    return this.#current;
  }

  /** @param wait `undefined` when the wait is over. */
  show(wait: ProviderWait | undefined): void {
    clearTimeout(this.#removing);
    const before = this.#current;
    if (isDeepStrictEqual(wait, before)) return;
    this.#current = wait;
    this.#log.info({ event: wait === undefined ? 'wait-over' : 'waiting', ...wait });
    this.#write(wait, before);
  }

  /** Removes the file after a while, unless a request waits again. */
  removeLater(): void {
    clearTimeout(this.#removing);
    if (this.#current === undefined) return;
    this.#removing = setTimeout(() => this.show(undefined), REMOVE_AFTER_MS).unref();
  }

  /** Resolves when all writes are done. The file stays. */
  async end(): Promise<void> {
    clearTimeout(this.#removing);
    await this.#written;
  }

  /** @param before the wait that this one continues, or that is over. */
  #write(wait: ProviderWait | undefined, before: ProviderWait | undefined): void {
    const ended = new Date().toISOString();
    const write = async (): Promise<void> => {
      if (wait !== undefined) await writeProviderWait(this.#control, this.#agent, wait);
      if (before !== undefined && before.since !== wait?.since) {
        await recordPastProviderWait(this.#control, this.#agent, { ...before, ended });
      }
      if (wait === undefined) await removeProviderWait(this.#control, this.#agent);
    };
    this.#written = this.#written.then(write).catch((error: unknown) => {
      this.#log.error({ event: 'wait-unwritten', reason: errorReason(error) });
    });
  }
}
