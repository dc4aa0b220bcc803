import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerWriteError } from '@agentteam/ledger';
import { waitInDirectory } from '@agentteam/volume';
import type { Dispatcher } from 'undici';
import { sendApiError } from './api-error.ts';
import type { Books } from './books.ts';
import type { Budget } from './budget.ts';
import type { GatewayConfig } from './config.ts';
import type { Credentials } from './credentials.ts';
import { forward, type ReplyObserver } from './forward.ts';
import { requestHeaders } from './headers.ts';
import type { InFlight } from './in-flight.ts';
import { errorReason, type Logger } from './log.ts';
import type { Metrics, RefusalReason } from './metrics.ts';
import type { Recorder, Recording } from './recording.ts';
import { dearestOutcome, ReplyAccount } from './reply-account.ts';
import {
  BodyTooLargeError,
  peekModel,
  type RequestFacts,
  readBody,
  readFacts,
} from './request-body.ts';
import type { Reservations } from './reservations.ts';
import { upstreamUrl } from './route.ts';
import { DocumentMeter, type ReplyMeter, StreamMeter } from './usage/reply-meter.ts';

export interface MessagesContext {
  readonly config: GatewayConfig;
  readonly books: Books;
  readonly budget: Budget;
  readonly credentials: Credentials;
  readonly dispatcher: Dispatcher;
  readonly inFlight: InFlight;
  readonly reservations: Reservations | undefined;
  readonly recorder: Recorder | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Aborts when the gateway must end at once. */
  readonly signal: AbortSignal;
}

/** Streamed bytes between two lines of the ledger; `cut` looks more often, to stop closer to the limit. */
const STEP_BYTES = { finish: 16_384, reserve: 16_384, cut: 1024 } as const;

/** Forwards `POST /v1/messages`, if there is money for it, and counts what comes back. */
export async function handleMessages(
  context: MessagesContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leave = await context.inFlight.enter();
  if (leave === undefined) return refuse(context, response, 'flood');
  try {
    await exchange(context, path, request, response);
  } catch (error) {
    if (error instanceof LedgerWriteError) return refuse(context, response, 'ledger');
    if (error instanceof BodyTooLargeError) {
      const { message } = error;
      sendApiError(response, { status: 413, type: 'request_too_large', message, retry: false });
      return;
    }
    if (!response.destroyed) throw error;
  } finally {
    leave();
  }
}

async function exchange(
  context: MessagesContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, books, budget, credentials, reservations, recorder } = context;
  books.assertWritable();
  const [refusal, added] = await Promise.all([
    budget.refusal(),
    credentials.api(joined(request.headers['anthropic-beta'])),
  ]);
  if (refusal !== undefined) return refuse(context, response, 'budget');

  const whole = reservations !== undefined || recorder !== undefined;
  const body = whole ? await readBody(request) : request;
  const facts: RequestFacts =
    body instanceof Buffer ? readFacts(body) : modelOnly(await peekModel(request));
  const requestBytes =
    body instanceof Buffer ? body.length : Number(request.headers['content-length'] ?? 0) || 0;

  const reserved = await reserve(context, facts, requestBytes, response);
  if (reserved === 'no room') return refuse(context, response, 'budget');
  try {
    const headers = requestHeaders(request.headers, added);
    const account = new ReplyAccount({
      books,
      prices: config.prices,
      team: config.team,
      agent: config.agent,
      session: sessionOf(request),
      facts,
      requestBytes,
      stepBytes: STEP_BYTES[config.onLimit],
    });
    await send(context, { path, headers, body, response, account, facts });
  } finally {
    if (reserved !== undefined) await reservations?.release(reserved.id);
  }
}

async function send(
  context: MessagesContext,
  exchange: {
    readonly path: string;
    readonly headers: Record<string, string | string[]>;
    readonly body: IncomingMessage | Buffer;
    readonly response: ServerResponse;
    readonly account: ReplyAccount;
    readonly facts: RequestFacts;
  },
): Promise<void> {
  const { config, budget, metrics, log } = context;
  const { path, headers, body, response, account, facts } = exchange;
  const recording = context.recorder?.begin(facts);
  const meter = new AccountedReply(account, budget, recording);
  const cut = new AbortController();
  // A reply that has come to its end is paid for: the agent gets it even where it crosses the limit.
  const onOver = () => {
    if (!meter.settled) cut.abort();
  };
  if (config.onLimit === 'cut') budget.over.addEventListener('abort', onOver);
  const { status, error } = await forward({
    dispatcher: context.dispatcher,
    url: upstreamUrl(config.upstream, path),
    method: 'POST',
    headers,
    body,
    response,
    signal: AbortSignal.any([cut.signal, context.signal]),
    observer: meter,
  });
  budget.over.removeEventListener('abort', onOver);
  meter.settle(error !== undefined);
  await recording?.end();
  const { entry } = account;
  metrics.reply(entry);
  log.info({
    event: 'reply',
    model: entry.model,
    status,
    usd: entry.usd,
    tokens: entry.tokens,
    ttftMs: entry.ttftMs,
    ms: entry.ms,
    ...(error === undefined ? {} : { broken: errorReason(error) }),
  });
  // The room that a reservation holds is given back only when other gateways can see what it became.
  if (context.reservations !== undefined) await context.books.synced();
}

/** Measures a reply as it passes, and keeps account and budget up to date with it. */
class AccountedReply implements ReplyObserver {
  readonly #account: ReplyAccount;
  readonly #budget: Budget;
  readonly #recording: Recording | undefined;
  #meter: ReplyMeter = new DocumentMeter();
  #settled = false;

  constructor(account: ReplyAccount, budget: Budget, recording: Recording | undefined) {
    this.#account = account;
    this.#budget = budget;
    this.#recording = recording;
  }

  head(status: number, headers: IncomingMessage['headers']): void {
    this.#account.head(status, joined(headers['request-id']));
    this.#recording?.head(status, headers);
    if (String(headers['content-type']).includes('text/event-stream')) {
      this.#meter = new StreamMeter();
    }
  }

  chunk(data: Buffer): void {
    this.#meter.push(data);
    this.#recording?.chunk(data);
    if (this.#account.progress(this.#meter.reply)) this.#budget.settle();
  }

  end(): void {
    this.settle(false);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Writes the final line, once. */
  settle(broken: boolean): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#meter.end();
    this.#account.done(this.#meter.reply, broken);
    this.#budget.settle();
  }
}

/** Waits until the request's dearest outcome has room beside all others under way. */
async function reserve(
  { config, books, budget, reservations }: MessagesContext,
  facts: RequestFacts,
  bytes: number,
  response: ServerResponse,
): Promise<{ readonly id: string } | 'no room' | undefined> {
  if (reservations === undefined) return undefined;
  const amount = dearestOutcome(config.prices, facts, bytes);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const attempt = async () => {
    if (budget.stopped !== undefined) return 'no room' as const;
    const result = await reservations.take(amount, async (team, own) => {
      await books.refresh();
      return budget.fits(amount, { team, own });
    });
    if ('id' in result) return result;
    if (result.wait) return undefined;
    budget.stop(budget.tightest(), amount);
    return 'no room' as const;
  };
  return waitInDirectory(reservations.directory, attempt, { signal: gone.signal });
}

async function refuse(
  context: MessagesContext,
  response: ServerResponse,
  reason: RefusalReason,
): Promise<void> {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
  if (reason === 'budget') {
    // The agent's runner looks for the marker as soon as its CLI has ended on this answer.
    await context.budget.written();
    // The one status that ends the CLI's run at once.
    const message = context.budget.stopped?.message ?? 'The budget is spent.';
    sendApiError(response, { status: 402, type: 'permission_error', message, retry: false });
  } else if (reason === 'ledger') {
    const message = 'The ledger cannot be written: nothing may run uncounted. Is the disk full?';
    sendApiError(response, { status: 503, type: 'api_error', message, retry: true });
  } else {
    const message = 'Too many requests of this agent are waiting.';
    sendApiError(response, { status: 429, type: 'api_error', message, retry: true });
  }
}

function modelOnly(model: string | undefined): RequestFacts {
  return model === undefined ? {} : { model };
}

function sessionOf(request: IncomingMessage): string | undefined {
  const id = joined(request.headers['x-claude-code-session-id']);
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
