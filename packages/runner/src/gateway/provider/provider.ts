import type { ServerResponse } from 'node:http';
import type { ExitCode, ProviderRefusal, ProviderWait } from '@agentteam/contract';
import type { TeamLedger } from '../budget/team-ledger.ts';
import type { GatewayConfig } from '../config.ts';
import type { ApiCredential, Credentials } from '../credentials.ts';
import type { ForwardOutcome } from '../http/forward.ts';
import type { Logger } from '../log.ts';
import type { ProviderApi } from '../provider-api/provider-api.ts';
import { StaleConnectionError } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { checkCloud } from './check-cloud.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkHost } from './check-host.ts';
import { CredentialPool } from './credential-pool.ts';
import type { ErrorReply } from './error-of.ts';
import { ErrorPolicy } from './error-policy.ts';
import { Pauses } from './pauses.ts';
import { answers } from './preflight.ts';
import { Refusals } from './refusals.ts';
import { forwardError, sendFinalRefusal, sendNoAnswer } from './responses.ts';

/** Kept connections that one request may find closed by the other side. */
const MAX_STALE = 8;
/** Requests in a row that may be sent without a response. Each is charged the most it can have cost. */
const MAX_LOST = 2;

export interface ProviderOptions {
  readonly config: GatewayConfig;
  readonly ledger: TeamLedger;
  readonly credentials: Credentials;
  readonly api: ProviderApi;
  readonly log: Logger;
  readonly upstream: Upstream;
  /** Aborts when the gateway must end at once. */
  readonly signal: AbortSignal;
}

/** The provider refuses the agent before it has started. */
export class ProviderRefusedError extends Error {
  override readonly name: string = 'ProviderRefusedError';
  readonly exitCode: ExitCode;

  constructor({ message, exitCode }: Pick<ProviderRefusal, 'message' | 'exitCode'>) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Sends a request once. @param onAnswer called when the API has started a response. */
export type Attempt = (
  credential: ApiCredential,
  onAnswer: () => void,
) => Promise<ForwardOutcome | 'not-sent'>;

/**
 * Handles requests that the provider does not answer. Those that only need to wait are held here and
 * sent again, so that the agent's session simply continues. Errors that waiting cannot cure are written
 * for the agent's runner, which ends the step.
 */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #pauses: Pauses;
  readonly #refusals: Refusals;
  readonly #pool: CredentialPool;
  readonly #policy: ErrorPolicy;

  private constructor(options: ProviderOptions, pauses: Pauses, refusals: Refusals) {
    this.#options = options;
    this.#pauses = pauses;
    this.#refusals = refusals;
    this.#pool = new CredentialPool(options.credentials, options.log);
    this.#policy = new ErrorPolicy({ ...options, pauses, pool: this.#pool });
  }

  static async open(options: ProviderOptions): Promise<Provider> {
    const { config, api, log } = options;
    const { directories, agent } = config;
    const refusals = await Refusals.open(directories.gateway, log);
    const pauses = await Pauses.open({
      control: directories.control,
      agent,
      log,
      credential: () => api.fingerprint(),
    });
    return new Provider(options, pauses, refusals);
  }

  /**
   * Asks the provider before the agent starts, at no cost. An agent that would have to wait starts
   * anyway, and its first request waits.
   * @throws ProviderRefusedError when the provider refuses, and waiting would not help.
   */
  async begin(): Promise<void> {
    const { config } = this.#options;
    const refusal =
      (await checkHost(this.#options)) ??
      (config.provider === undefined
        ? await checkCredentials(this.#options, this.#pool, this.#policy)
        : await checkCloud(this.#options, config.provider, this.#pool, this.#policy));
    if (refusal !== undefined) throw new ProviderRefusedError(refusal);
  }

  /** The credential for a request that costs nothing. */
  credential(model?: string): Promise<ApiCredential> {
    return this.#pool.pick(model);
  }

  /** The wait that the agent is in. */
  get waiting(): ProviderWait | undefined {
    return this.#pauses.current;
  }

  /** Sends a request until it is answered or finally refused, or the agent has closed its connection. */
  async ask(model: string | undefined, response: ServerResponse, attempt: Attempt): Promise<void> {
    const gone = new AbortController();
    const onClose = () => gone.abort(new Error('the agent has closed the connection'));
    response.once('close', onClose);
    try {
      for (let stale = 0, lost = 0; ; ) {
        const sentAt = await this.#pauses.waitForTurn(model, gone.signal);
        const credential = await this.#pool.pick(model);
        const outcome = await this.#attempt(model, attempt, credential, sentAt);
        if (outcome === 'not-sent' || response.headersSent || response.destroyed) return;
        const { kept, error } = outcome;
        if (kept !== undefined) {
          const next = await this.#onErrorReply(model, kept, credential, response);
          if (next === 'again') continue;
          return this.#pauses.answered(model, sentAt);
        }
        if (error instanceof StaleConnectionError && stale < MAX_STALE) {
          stale += 1;
          continue;
        }
        lost += outcome.sent ? 1 : 0;
        // A response that had started is paid for: leave it to the agent whether to ask again.
        const started = outcome.status > 0 && outcome.status < 400;
        if (started || lost > MAX_LOST) return sendNoAnswer(response, error);
        const decision = await this.#policy.onNoConnection(model, error);
        if (decision !== 'wait') {
          await this.#refusals.write(decision);
          return sendFinalRefusal(decision, response);
        }
        if (outcome.sent) await this.#untilApiAnswers(model, gone.signal);
      }
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      response.off('close', onClose);
    }
  }

  async end(): Promise<void> {
    await this.#pauses.end();
  }

  async #attempt(
    model: string | undefined,
    attempt: Attempt,
    credential: ApiCredential,
    sentAt: number,
  ): Promise<ForwardOutcome | 'not-sent'> {
    let isAnswered = false;
    try {
      return await attempt(credential, () => {
        isAnswered = true;
        this.#pauses.answered(model, sentAt);
        this.#pool.answered(credential, model);
        this.#refusals.clear();
      });
    } finally {
      if (!isAnswered) this.#pauses.release(model);
    }
  }

  async #onErrorReply(
    model: string | undefined,
    error: ErrorReply,
    credential: ApiCredential,
    response: ServerResponse,
  ): Promise<'answered' | 'again'> {
    const decision = await this.#policy.onErrorReply(model, error, credential);
    if (decision === 'wait' || decision === 'again') return 'again';
    if (decision === 'retry') {
      forwardError(error, response, {});
      return 'answered';
    }
    await this.#refusals.write(decision);
    if (decision.final) sendFinalRefusal(decision, response);
    else forwardError(error, response, { 'x-should-retry': 'false' });
    return 'answered';
  }

  /** Polls the API with free requests until it answers: each lost message request could cost money. */
  async #untilApiAnswers(model: string | undefined, signal: AbortSignal): Promise<void> {
    for (;;) {
      const sentAt = await this.#pauses.waitForTurn(model, signal);
      if (await answers(this.#options, await this.#pool.pick(model)))
        return this.#pauses.answered(model, sentAt);
      await this.#policy.onNoConnection(model, undefined);
    }
  }
}
