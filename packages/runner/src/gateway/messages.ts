import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerWriteError } from '@agentteam/ledger';
import { AccountedReply } from './accounted-reply.ts';
import { sendApiError } from './api-error.ts';
import { forward } from './forward.ts';
import { joined, requestHeaders } from './headers.ts';
import { errorReason } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import { refuse } from './refuse.ts';
import { ReplyAccount } from './reply-account.ts';
import {
  BodyTooLargeError,
  peekModel,
  type RequestFacts,
  readBody,
  readFacts,
} from './request-body.ts';
import { reserve } from './reserve.ts';
import { upstreamUrl } from './route.ts';

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
    // It may have waited for its turn longer than its agent for it.
    if (!response.destroyed) await exchange(context, path, request, response);
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

  // One that does not say how long it is could not be charged for if its reply were lost.
  const length = request.headers['content-length'];
  const whole = reservations !== undefined || recorder !== undefined || length === undefined;
  const body = whole ? await readBody(request) : request;
  const facts: RequestFacts =
    body instanceof Buffer ? readFacts(body) : modelOnly(await peekModel(request));
  const requestBytes = body instanceof Buffer ? body.length : Number(length);

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
      countStreamed: config.onLimit === 'cut',
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
  const recording = body instanceof Buffer ? context.recorder?.begin(facts, body) : undefined;
  const meter = new AccountedReply(account, budget, recording);
  const cut = new AbortController();
  // A reply that has come to its end is paid for: the agent gets it even where it crosses the limit.
  const onOver = () => {
    if (!meter.settled) cut.abort();
  };
  if (config.onLimit === 'cut') budget.over.addEventListener('abort', onOver);
  const outcome = await forward({
    upstream: context.upstream,
    url: upstreamUrl(config.upstream, path),
    method: 'POST',
    headers,
    body,
    response,
    signal: AbortSignal.any([cut.signal, context.signal]),
    observer: meter,
  });
  budget.over.removeEventListener('abort', onOver);
  meter.settle(outcome);
  await recording?.end();
  const { status, error } = outcome;
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

function modelOnly(model: string | undefined): RequestFacts {
  return model === undefined ? {} : { model };
}

function sessionOf(request: IncomingMessage): string | undefined {
  const id = joined(request.headers['x-claude-code-session-id']);
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}
