import {
  type ProviderRefusal,
  type ProviderWait,
  providerWaitText,
  utcTime,
} from '@agentteam/contract';
import { readProviderRefusal, readProviderWait } from '@agentteam/volume';
import type { AgentDirectories } from './directories.ts';
import { log } from './log.ts';

/** What the agent's gateway says about the provider of the model. */
export class ProviderStatus {
  readonly #directories: Pick<AgentDirectories, 'control' | 'gateway'>;
  readonly #agent: string;
  #wait: ProviderWait | undefined;

  constructor(directories: Pick<AgentDirectories, 'control' | 'gateway'>, agent: string) {
    this.#directories = directories;
    this.#agent = agent;
  }

  /** The latest known wait as text; empty if the agent is not waiting. */
  get waitText(): string {
    return this.#wait === undefined
      ? ''
      : `waiting for the API: ${providerWaitText(this.#wait, utcTime)}`;
  }

  /** Reads whether the agent is waiting, and logs changes. */
  async refresh(): Promise<void> {
    const wait = await readProviderWait(this.#directories.control, this.#agent);
    const before = this.#wait;
    this.#wait = wait;
    if (wait === undefined) {
      if (before !== undefined) log('api', 'continuing: the API answers again');
    } else if (before?.until !== wait.until) {
      log('api', this.waitText);
    }
  }

  /**
   * Reads why the provider refused the agent, for a refusal that waiting cannot cure.
   * @param turnFailed whether the agent's turn ended in an error. Otherwise a refusal counts only if
   *   every further request would be refused as well.
   */
  async refusal(
    turnFailed: boolean,
  ): Promise<Pick<ProviderRefusal, 'exitCode' | 'message'> | undefined> {
    const refusal = await readProviderRefusal(this.#directories.gateway);
    if (refusal === undefined || !(refusal.final || turnFailed)) return undefined;
    return { exitCode: refusal.exitCode, message: refusal.message };
  }
}
