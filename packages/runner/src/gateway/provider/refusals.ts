import type { ProviderRefusal } from '@agentteam/contract';
import { removeProviderRefusal, writeProviderRefusal } from '@agentteam/volume';
import { errorReason, type Logger } from '../log.ts';

/** What the agent's runner reads of an error that waiting cannot cure, until a request is answered. */
export class Refusals {
  readonly #directory: string;
  readonly #log: Logger;
  #isThere = false;

  private constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** @param directory `PATHS.gateway`. What an earlier gateway left there is gone. */
  static async open(directory: string, log: Logger): Promise<Refusals> {
    await removeProviderRefusal(directory);
    return new Refusals(directory, log);
  }

  /** To be awaited before the agent is answered: its runner looks as soon as its CLI has ended on that. */
  async write(refusal: ProviderRefusal): Promise<void> {
    this.#isThere = true;
    const { exitCode, final } = refusal;
    this.#log.warn({ event: 'provider-refused', exitCode, final });
    await writeProviderRefusal(this.#directory, refusal).catch((error: unknown) => {
      this.#log.error({ event: 'refusal-unwritten', reason: errorReason(error) });
    });
  }

  /** The API answers. */
  forget(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    void removeProviderRefusal(this.#directory).catch(() => {});
  }
}
