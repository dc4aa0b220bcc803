import type { ServerResponse } from 'node:http';
import { EXIT, type ExitCode, type ProviderRefusal, type ProviderWait } from '@agentteam/contract';
import type { Books } from '../books.ts';
import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { connectionCode, type ForwardOutcome } from '../forward.ts';
import type { Logger } from '../log.ts';
import { StaleConnectionError } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';
import { noAnswer, passOn, refuseFinally } from './hand-on.ts';
import { Pauses } from './pauses.ts';
import { answers, preflight } from './preflight.ts';
import { Refusals } from './refusals.ts';
import { whyUnreachable } from './unreachable.ts';
import {
  credentialRefused,
  invalidRequest,
  limitReached,
  type Named,
  unknownModel,
} from './words.ts';

/** How long a credential that has worked may be refused while somebody replaces it. */
const ROTATION_MS = 5 * 60_000;
/** How long ago it must have worked for that. */
const WORKED_MS = 60 * 60_000;
/** Connections that the other side may have closed while they were kept. */
const MOST_STALE = 8;
/** Requests in a row that leave and get no answer. Each is charged the most that it could cost. */
const MOST_LOST = 2;

export interface ProviderOptions {
  readonly config: GatewayConfig;
  readonly books: Books;
  readonly credentials: Credentials;
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

/** A request, as it is sent each time anew. @param onAnswer called when the API has begun a reply. */
export type Attempt = (onAnswer: () => void) => Promise<ForwardOutcome | 'not sent'>;

/**
 * What becomes of requests that the provider does not answer. Those that it turns away wait here and are
 * sent again, so that the agent sees nothing of it and goes on in its session. What waiting cannot cure
 * goes to the agent's runner, which ends the step.
 */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #pauses: Pauses;
  readonly #refusals: Refusals;
  readonly #named: Named;

  private constructor(options: ProviderOptions, pauses: Pauses, refusals: Refusals) {
    this.#options = options;
    this.#pauses = pauses;
    this.#refusals = refusals;
    const { agent, model, secret, isLocal } = options.config;
    this.#named = { agent, model, secret, isLocal };
  }

  static async open(options: ProviderOptions): Promise<Provider> {
    const { config, credentials, log } = options;
    const { directories, agent } = config;
    const refusals = await Refusals.open(directories.gateway, log);
    const pauses = await Pauses.open({
      control: directories.control,
      ...{ agent, log },
      credential: () => credentials.fingerprint(),
    });
    return new Provider(options, pauses, refusals);
  }

  /**
   * Asks the provider before the agent starts, at no cost. An agent that would have to wait starts all
   * the same, and its first request waits.
   * @throws ProviderRefusedError
   */
  async begin(): Promise<void> {
    const { log } = this.#options;
    const found = await preflight(this.#options);
    log.info({ event: 'preflight', found: found.kind });
    const refusal =
      found.kind === 'error'
        ? await this.#judge(undefined, found.error)
        : found.kind === 'no connection'
          ? await this.#noConnection(undefined, found.error)
          : undefined;
    if (refusal !== undefined && refusal !== 'again') throw new ProviderRefusedError(refusal);
  }

  /** What the agent waits for. */
  get waiting(): ProviderWait | undefined {
    return this.#pauses.current;
  }

  /** Sends a request until it is answered, refused for good, or its agent has gone. */
  async ask(model: string | undefined, response: ServerResponse, attempt: Attempt): Promise<void> {
    const gone = new AbortController();
    const onClose = () => gone.abort(new Error('the agent has gone'));
    response.once('close', onClose);
    try {
      for (let stale = 0, lost = 0; ; ) {
        const sentAt = await this.#pauses.turn(model, gone.signal);
        const outcome = await this.#attempt(model, attempt, sentAt);
        if (outcome === 'not sent' || response.headersSent || response.destroyed) return;
        const { kept, error } = outcome;
        if (kept !== undefined) {
          if ((await this.#turnedAway(model, kept, response)) === 'wait') continue;
          return this.#pauses.answered(model, sentAt);
        }
        if (error instanceof StaleConnectionError && stale < MOST_STALE) {
          stale += 1;
          continue;
        }
        lost += outcome.sent ? 1 : 0;
        // A reply that began, and could not be passed on, is paid for: asking again is the agent's to decide.
        const began = outcome.status > 0 && outcome.status < 400;
        if (began || lost > MOST_LOST) return noAnswer(response, error);
        const refusal = await this.#noConnection(model, error);
        if (refusal !== undefined) {
          await this.#refusals.write(refusal);
          return refuseFinally(refusal, response);
        }
        if (outcome.sent) await this.#untilItAnswers(model, gone.signal);
      }
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      response.off('close', onClose);
    }
  }

  /** Whether a credential that is refused has worked before, so that somebody may be replacing it. */
  async #isRotated(): Promise<boolean> {
    const { waiting } = this;
    if (waiting?.reason === 'credential') {
      return Date.now() - Date.parse(waiting.since) < ROTATION_MS;
    }
    await this.#options.books.refresh();
    return this.#options.books.answeredSince(Date.now() - WORKED_MS);
  }

  /**
   * Decides on an error of the API.
   * @returns why waiting cannot cure it; `again` where the agent sees to that; undefined: requests wait.
   */
  async #judge(
    model: string | undefined,
    error: ErrorReply,
  ): Promise<ProviderRefusal | 'again' | undefined> {
    const { config, credentials } = this.#options;
    const verdict = classify(error, Date.now());
    if (verdict.kind === 'again') return 'again';
    if (verdict.kind === 'request') {
      const isModel = error.status === 404 && errorOf(error.body).type === 'not_found_error';
      const named = { ...this.#named, model: model ?? this.#named.model };
      const message = (isModel ? unknownModel : invalidRequest)(error, named);
      return { message, exitCode: EXIT.invalid, final: false };
    }
    if (verdict.kind === 'credential') {
      if (await this.#isRotated()) {
        await this.#pauses.turnedAway(model, { reason: 'credential', detail: `${error.status}` });
        return undefined;
      }
      const message = credentialRefused(error, await credentials.name(), this.#named);
      return { message, exitCode: EXIT.refused, final: true };
    }
    if (verdict.isLimit && config.onProviderLimit === 'fail') {
      const message = limitReached(error, verdict.reason, verdict.forMs);
      return { message, exitCode: EXIT.limited, final: true };
    }
    await this.#pauses.turnedAway(model, verdict);
    return undefined;
  }

  /**
   * Decides on a connection that could not be made, or broke before there was an answer.
   * @returns why waiting cannot cure it; undefined: requests wait.
   */
  async #noConnection(
    model: string | undefined,
    error: unknown,
  ): Promise<ProviderRefusal | undefined> {
    const message = whyUnreachable(error, this.#named.isLocal);
    if (message !== undefined) return { message, exitCode: EXIT.refused, final: true };
    const detail = connectionCode(error);
    await this.#pauses.turnedAway(model, {
      reason: 'no-connection',
      ...(detail === undefined ? {} : { detail }),
    });
    return undefined;
  }

  async end(): Promise<void> {
    await this.#pauses.end();
  }

  async #attempt(
    model: string | undefined,
    attempt: Attempt,
    sentAt: number,
  ): Promise<ForwardOutcome | 'not sent'> {
    let isAnswered = false;
    try {
      return await attempt(() => {
        isAnswered = true;
        this.#pauses.answered(model, sentAt);
        this.#refusals.forget();
      });
    } finally {
      if (!isAnswered) this.#pauses.release(model);
    }
  }

  async #turnedAway(
    model: string | undefined,
    error: ErrorReply,
    response: ServerResponse,
  ): Promise<'answered' | 'wait'> {
    const refusal = await this.#judge(model, error);
    if (refusal === undefined) return 'wait';
    if (refusal === 'again') {
      passOn(error, response, {});
      return 'answered';
    }
    await this.#refusals.write(refusal);
    if (refusal.final) refuseFinally(refusal, response);
    else passOn(error, response, { 'x-should-retry': 'false' });
    return 'answered';
  }

  /** Asks what costs nothing until there is an answer: a request that is lost may cost money each time. */
  async #untilItAnswers(model: string | undefined, signal: AbortSignal): Promise<void> {
    for (;;) {
      const sentAt = await this.#pauses.turn(model, signal);
      if (await answers(this.#options)) return this.#pauses.answered(model, sentAt);
      await this.#noConnection(model, undefined);
    }
  }
}
