import type { ProviderRefusal } from '@agentteam/contract';
import { removeProviderRefusal, writeProviderRefusal } from '@agentteam/volume';
import { errorReason, type Logger } from '../log.ts';

/** The file that tells the agent's runner of an error that waiting cannot cure. */
export class Refusals {
  readonly #directory: string;
  readonly #log: Logger;
  #isWritten = false;

  private constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** @param directory `PATHS.gateway`. A file from an earlier gateway is removed. */
  static async open(directory: string, log: Logger): Promise<Refusals> {
    await removeProviderRefusal(directory);
    return new Refusals(directory, log);
  }

  /** Await this before answering the agent: its runner reads the file as soon as the CLI ends. */
  async write(refusal: ProviderRefusal): Promise<void> {
    this.#isWritten = true;
    const { exitCode, final } = refusal;
    this.#log.warn({ event: 'provider-refused', exitCode, final });
    await writeProviderRefusal(this.#directory, refusal).catch((error: unknown) => {
      this.#log.error({ event: 'refusal-unwritten', reason: errorReason(error) });
    });
  }

  /** Removes the file, because the API has answered a request. */
  clear(): void {
    if (!this.#isWritten) return;
    this.#isWritten = false;
    void removeProviderRefusal(this.#directory).catch(() => {});
  }
}
