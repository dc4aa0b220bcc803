import type { ServerResponse } from 'node:http';
import { EXIT, type ExitCode, type ProviderRefusal, type ProviderWait } from '@agentteam/contract';
import { removeProviderRefusal, writeProviderRefusal } from '@agentteam/volume';
import { sendApiError } from '../api-error.ts';
import type { Books } from '../books.ts';
import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { connectionCode, type ForwardOutcome } from '../forward.ts';
import { responseHeaders } from '../headers.ts';
import { errorReason, type Logger } from '../log.ts';
import { StaleConnectionError } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';
import { Pauses } from './pauses.ts';
import { answers, preflight } from './preflight.ts';
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
  readonly #named: Named;
  #isRefused = false;

  private constructor(options: ProviderOptions, pauses: Pauses) {
    this.#options = options;
    this.#pauses = pauses;
    const { agent, model, secret, isLocal } = options.config;
    this.#named = { agent, model, secret, isLocal };
  }

  static async open(options: ProviderOptions): Promise<Provider> {
    const { config, credentials, log } = options;
    const { directories, agent } = config;
    await removeProviderRefusal(directories.gateway);
    const pauses = await Pauses.open({
      control: directories.control,
      ...{ agent, log },
      credential: () => credentials.fingerprint(),
    });
    return new Provider(options, pauses);
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
          if ((await this.#turnedAway(model, kept, response)) === 'answered') return;
          continue;
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
        if (refusal !== undefined) return await this.#refuse(refusal, response);
        if (outcome.sent) await this.#untilItAnswers(model, gone.signal);
      }
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      response.off('close', onClose);
    }
  }

  /** Of a credential that is refused: whether it has worked, so that somebody may be replacing it. */
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
      const message = (isModel ? unknownModel : invalidRequest)(error, this.#named);
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
        this.#forgetRefusal();
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
    } else if (refusal.final) {
      await this.#refuse(refusal, response);
    } else {
      await this.#writeRefusal(refusal);
      passOn(error, response, { 'x-should-retry': 'false' });
    }
    return 'answered';
  }

  async #refuse(refusal: ProviderRefusal, response: ServerResponse): Promise<void> {
    await this.#writeRefusal(refusal);
    const { message } = refusal;
    // The one status that ends the CLI's run at once.
    sendApiError(response, { status: 402, type: 'permission_error', message, retry: false });
  }

  /** The agent's runner looks for it as soon as its CLI has ended on the answer. */
  async #writeRefusal(refusal: ProviderRefusal): Promise<void> {
    const { config, log } = this.#options;
    this.#isRefused = true;
    log.warn({ event: 'provider-refused', exitCode: refusal.exitCode, final: refusal.final });
    await writeProviderRefusal(config.directories.gateway, refusal).catch((error: unknown) => {
      log.error({ event: 'refusal-unwritten', reason: errorReason(error) });
    });
  }

  #forgetRefusal(): void {
    if (!this.#isRefused) return;
    this.#isRefused = false;
    void removeProviderRefusal(this.#options.config.directories.gateway).catch(() => {});
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

/** The API's error as it came. Claude Code knows what to do about some. */
function passOn(
  { status, headers, body }: ErrorReply,
  response: ServerResponse,
  more: Readonly<Record<string, string>>,
): void {
  const { 'content-length': _length, 'content-encoding': _encoding, ...kept } = headers;
  response.writeHead(status, {
    ...responseHeaders(kept, false),
    'content-length': body.length,
    ...more,
  });
  response.end(body);
}

function noAnswer(response: ServerResponse, error: unknown): void {
  const code = connectionCode(error);
  const message = `The gateway has no answer from the API${code === undefined ? '' : ` (${code})`}.`;
  sendApiError(response, { status: 502, type: 'api_error', message, retry: true });
}
