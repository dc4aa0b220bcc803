import type { GatewayConfig } from '../config.ts';
import type { ApiCredential } from '../credentials.ts';
import { upstreamUrl } from '../route.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';

/** A slow answer must not delay the agent's start any longer. */
const ANSWER_WITHIN_MS = 10_000;
const MAX_BYTES = 256 * 1024;

export interface PreflightOptions {
  readonly config: Pick<GatewayConfig, 'upstream' | 'model'>;
  readonly upstream: Upstream;
  readonly signal: AbortSignal;
}

/** What is known about the API before an agent starts. */
export type Preflight =
  | { readonly kind: 'ready' }
  /** The API answered, but not in a way that predicts the answers to the agent's requests. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'error'; readonly error: ErrorReply }
  | { readonly kind: 'no-connection'; readonly error: unknown };

/**
 * Asks the API, at no cost (https://docs.claude.com/en/api/models-list), whether it is reachable, accepts
 * the credential and offers the agent's model. Company gateways may lack this endpoint, and
 * subscription tokens may not be allowed to use it: such answers predict nothing.
 */
export async function preflight(
  options: PreflightOptions,
  credential: ApiCredential,
): Promise<Preflight> {
  try {
    const models = await ask(options, credential, '/v1/models?limit=1');
    if (models.status >= 400) {
      return isConclusive(models, credential)
        ? { kind: 'error', error: models }
        : { kind: 'unknown' };
    }
    const { model } = options.config;
    if (!isListOfModels(models) || !FULL_NAME.test(model)) return { kind: 'ready' };
    const known = await ask(options, credential, `/v1/models/${model.replace(CONTEXT, '')}`);
    const isUnknown = known.status === 404 && errorOf(known.body).type === 'not_found_error';
    return isUnknown ? { kind: 'error', error: known } : { kind: 'ready' };
  } catch (error) {
    return { kind: 'no-connection', error };
  }
}

/** Whether the API answers at all. */
export async function answers(
  options: PreflightOptions,
  credential: ApiCredential,
): Promise<boolean> {
  try {
    return (await ask(options, credential, '/v1/models?limit=1')).status < 500;
  } catch {
    return false;
  }
}

/** Full model ids. The API does not know Claude Code's aliases. */
const FULL_NAME = /^claude-[a-z0-9.-]{1,100}(?:\[1m\])?$/;
/** Claude Code's suffix for a longer context. */
const CONTEXT = /\[1m\]$/;

/** Whether an error concerns more than this endpoint. */
function isConclusive(error: ErrorReply, { key }: ApiCredential): boolean {
  const { status } = error;
  if (status === 401) {
    // The API's message when it accepts such a token on other endpoints only.
    const isElsewhere = /not supported/i.test(errorOf(error.body).message);
    return key !== 'CLAUDE_CODE_OAUTH_TOKEN' || !isElsewhere;
  }
  if (status === 429 || status === 501) return false;
  return classify(error, Date.now()).kind === 'wait';
}

/** Whether the answer is Anthropic's own list. Other lists may leave models out. */
function isListOfModels({ body }: ErrorReply): boolean {
  const models = parseRecord(body.toString('utf8'))?.['data'];
  return Array.isArray(models) && models.length > 0 && record(models[0])['type'] === 'model';
}

async function ask(
  { config, upstream, signal }: PreflightOptions,
  credential: ApiCredential,
  path: string,
): Promise<ErrorReply> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const reply = await upstream.send({
    url: upstreamUrl(config.upstream, path),
    method: 'GET',
    headers: {
      'anthropic-version': '2023-06-01',
      'accept-encoding': 'identity',
      ...credential.headers([]),
    },
    body: null,
    signal: late,
    onSent: () => {},
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
  }
  return { status: reply.status, headers: reply.headers, body: Buffer.concat(chunks) };
}
