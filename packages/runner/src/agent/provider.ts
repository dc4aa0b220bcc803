import {
  type ProviderRefusal,
  type ProviderWait,
  providerWaitText,
  utcTime,
} from '@agentteam/contract';
import { readProviderRefusal, readProviderWait } from '@agentteam/volume';
import { log } from './log.ts';
import type { Places } from './places.ts';

/** What the agent's gateway says about the provider of the model. */
export class ProviderNews {
  readonly #places: Pick<Places, 'control' | 'gateway'>;
  readonly #agent: string;
  #waiting: ProviderWait | undefined;

  constructor(places: Pick<Places, 'control' | 'gateway'>, agent: string) {
    this.#places = places;
    this.#agent = agent;
  }

  /** The last wait that was seen, in words; empty where the agent does not wait. */
  get waitingFor(): string {
    return this.#waiting === undefined ? '' : `waiting for the API: ${words(this.#waiting)}`;
  }

  /** Looks whether the agent waits, and logs what has changed. */
  async look(): Promise<void> {
    const wait = await readProviderWait(this.#places.control, this.#agent);
    const before = this.#waiting;
    this.#waiting = wait;
    if (wait === undefined) {
      if (before !== undefined) log('api', 'goes on: the API answers again');
    } else if (before?.until !== wait.until) {
      log('api', this.waitingFor);
    }
  }

  /**
   * Why the provider refused the agent, where waiting cannot cure it.
   * @param turnFailed whether the agent's turn ended in an error. Otherwise a refusal counts only
   * where every further request would be refused, too.
   */
  async refusal(
    turnFailed: boolean,
  ): Promise<Pick<ProviderRefusal, 'exitCode' | 'message'> | undefined> {
    const refusal = await readProviderRefusal(this.#places.gateway);
    if (refusal === undefined || !(refusal.final || turnFailed)) return undefined;
    return { exitCode: refusal.exitCode, message: refusal.message };
  }
}

function words(wait: ProviderWait): string {
  return providerWaitText(wait, utcTime);
}
