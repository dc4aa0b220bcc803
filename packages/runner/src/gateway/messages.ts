import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { moneyText } from '@agentteam/contract';
import { LedgerWriteError } from '@agentteam/ledger';
import { AccountedReply } from './budget/accounted-reply.ts';
import { ReplyAccount } from './budget/reply-account.ts';
import { reserve } from './budget/reserve.ts';
import { type ApiCredential, ONLY } from './credentials.ts';
import { passFree } from './flow/pass-free.ts';
import { passPause } from './flow/team-pause.ts';
import { sendApiError } from './http/api-error.ts';
import { type ForwardOutcome, forward } from './http/forward.ts';
import { type Headers, joined } from './http/headers.ts';
import { refuse, refuseRequest } from './http/refuse.ts';
import { upstreamUrl } from './http/route.ts';
import { errorReason } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import type { ApiRoute, OutgoingRequest } from './provider-api/provider-api.ts';
import { BadRequestError } from './request/bad-request.ts';
import type { Fields } from './request/parse-request.ts';
import { readBody } from './request/read-body.ts';
import { readRequest } from './request/read-request.ts';
import { type RequestFacts, requestFacts } from './request/request-facts.ts';

/** Forwards a request for a message if the budget allows it, and counts the reply's cost. */
export async function handleMessages(
  context: MessagesContext,
  route: ApiRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leave = await context.inFlight.enter();
  if (leave === undefined) return refuse(context, response, 'flood');
  try {
    // The agent may have closed the connection while the request waited for its turn.
    if (response.destroyed) return;
    await exchange(context, route, request, response);
  } catch (error) {
    if (error instanceof LedgerWriteError) return refuse(context, response, 'ledger');
    if (error instanceof BadRequestError) return refuseRequest(context, response, error);
    if (!response.destroyed) throw error;
  } finally {
    leave();
  }
}

async function exchange(
  context: MessagesContext,
  route: ApiRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, ledger, budget, api } = context;
  ledger.assertWritable();
  const checked = new Checked(budget);
  const reading = readBody(request, context.bodyMemory);
  // A request that arrives while the team is paused waits before its credential is chosen.
  const isFree = passPause(context, response);
  for (const begun of [reading, isFree]) begun.catch(() => {});
  try {
    if (!(await isFree)) return;
    const { bytes: given, release } = await reading;
    const { fields, bytes, betas } = readRequest(context, route, request.headers, given);
    const isRegional = api.isRegional(fields['model']);
    const asked = requestFacts(fields, bytes);
    // A workspace at Anthropic can have a default for `inference_geo`: platform.claude.com, Data residency.
    const isPlaceOpen = config.provider === undefined && (asked.geo ?? '') === '';
    const facts = {
      ...asked,
      ...(isPlaceOpen && { isPlaceOpen }),
      ...(isRegional && { isRegional }),
    };
    const session = sessionOf(request);
    const url = upstreamUrl(config.upstream, route.path);
    const outgoing: OutgoingRequest = { method: 'POST', url, body: bytes, betas };
    const sent = { outgoing, fields, facts, response };
    // Check again on each attempt: money may have been spent, and the credential replaced.
    await context.provider.ask(facts.model, response, async (credential, onAnswer) => {
      ledger.assertWritable();
      if ((await checked.refusal()) !== undefined) {
        return notSent(refuse(context, response, 'budget'));
      }
      // A held request reserves no money.
      if (!(await passFree(context, response))) return 'not-sent';
      return withReservation(context, facts, response, async (id) => {
        // A person may have paused the team while the agent sent its request slowly, or while it waited.
        if (!(await passPause(context, response))) return 'not-sent';
        const headers = await headersOf(context, request, outgoing, credential);
        if ('error' in headers) return headers;
        // The limit may have been reached since the check. With `onLimit: cut`, nobody would end this request.
        if (budget.stopped !== undefined) return notSent(refuse(context, response, 'budget'));
        const account = new ReplyAccount({
          ledger,
          prices: config.prices,
          team: config.team,
          agent: config.agent,
          session,
          facts,
          messagesSent: context.sentMessages.count(fields),
          id,
          countStreamed: config.onLimit === 'cut',
          credential: credential.name === ONLY ? undefined : credential.name,
        });
        const onReply = () => {
          release();
          onAnswer();
        };
        return send(context, { ...sent, headers: headers.all, account, onReply });
      });
    });
  } finally {
    reading.then(
      ({ release }) => release(),
      () => {},
    );
  }
}

/** How long the result of a check of the budget is used, in milliseconds. Open requests overspend by more. */
const FRESH_MS = 50;

/** Checks the budget before a request is sent. The first check runs while the request arrives. */
class Checked {
  readonly #budget: MessagesContext['budget'];
  readonly #first: Promise<string | undefined>;
  readonly #startedAt: number = performance.now();

  constructor(budget: MessagesContext['budget']) {
    this.#budget = budget;
    this.#first = budget.refusal();
    this.#first.catch(() => {});
  }

  /** Checks again if the first check is too old, for example because the agent has sent the request slowly. */
  refusal(): Promise<string | undefined> {
    const isFresh = performance.now() - this.#startedAt < FRESH_MS;
    return isFresh ? this.#first : this.#budget.refusal();
  }
}

/** The headers with the credential. Without one that can be used, nothing is sent. */
async function headersOf(
  { api }: MessagesContext,
  { headers }: IncomingMessage,
  outgoing: OutgoingRequest,
  credential: ApiCredential,
): Promise<{ readonly all: Headers } | (ForwardOutcome & { readonly error: Error })> {
  try {
    return { all: await api.headers(headers, outgoing, credential) };
  } catch (error) {
    return { status: 0, sent: false, error: error as Error };
  }
}

type Sent = ForwardOutcome | 'not-sent';

const FREE: string = moneyText(0n);

async function notSent(answer: Promise<void>): Promise<'not-sent'> {
  await answer;
  return 'not-sent';
}

/** Reserves money if the team does so. @param send gets the request's id, which names the reservation. */
async function withReservation(
  context: MessagesContext,
  facts: RequestFacts,
  response: ServerResponse,
  send: (id: string) => Promise<Sent>,
): Promise<Sent> {
  const reserved = await reserve(context, facts, response);
  if (reserved === 'no-room') return notSent(refuse(context, response, 'budget'));
  try {
    return await send(reserved?.id ?? randomUUID());
  } finally {
    if (reserved !== undefined) await context.reservations?.release(reserved.id);
  }
}

async function send(
  context: MessagesContext,
  exchange: {
    readonly outgoing: OutgoingRequest;
    readonly headers: Headers;
    readonly fields: Fields;
    readonly response: ServerResponse;
    readonly account: ReplyAccount;
    readonly facts: RequestFacts;
    readonly onReply: () => void;
  },
): Promise<Sent> {
  const { config, budget, metrics, log } = context;
  const { outgoing, headers, fields, response, account, facts, onReply } = exchange;
  const recording = context.recorder?.begin(facts, fields);
  const meter = new AccountedReply(account, budget, recording, context.api);
  const cuts = config.onLimit === 'cut';
  const cut = new AbortController();
  // A complete reply is paid for. The agent gets it even if it crosses the limit.
  const onLimitReached = () => {
    if (!meter.settled) cut.abort();
  };
  if (cuts) budget.limitReached.addEventListener('abort', onLimitReached);
  const outcome = await forward({
    ...outgoing,
    upstream: context.upstream,
    headers,
    response,
    signal: cuts ? AbortSignal.any([cut.signal, context.signal]) : context.signal,
    observer: meter,
    onAnswer: onReply,
    keepErrors: true,
  });
  budget.limitReached.removeEventListener('abort', onLimitReached);
  meter.settle(outcome);
  await recording?.end();
  const { status, error } = outcome;
  const { entry } = account;
  if (status >= 300 && entry.usd === FREE) context.freeRequests.count();
  metrics.reply(entry);
  log.info({
    event: 'reply',
    model: entry.model,
    status,
    usd: entry.usd,
    tokens: entry.tokens,
    ttftMs: entry.ttftMs,
    ms: entry.ms,
    ...(entry.cut && { estimated: true }),
    ...(entry.unknownUsage !== undefined && { unknownUsage: entry.unknownUsage }),
    ...(error !== undefined && { broken: errorReason(error) }),
  });
  // Release a reservation only when other gateways can read the cost in the ledger.
  if (context.reservations !== undefined) await context.ledger.synced();
  if (!(cut.signal.aborted || context.signal.aborted) || response.headersSent) return outcome;
  // The gateway broke off the request before there was a reply.
  const message = 'The gateway ended the request before the API answered.';
  const refusal = cut.signal.aborted
    ? refuse(context, response, 'budget')
    : sendApiError(response, { status: 502, type: 'api_error', message, retry: true });
  return notSent(Promise.resolve(refusal));
}

function sessionOf(request: IncomingMessage): string | undefined {
  const id = joined(request.headers['x-claude-code-session-id']);
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}
