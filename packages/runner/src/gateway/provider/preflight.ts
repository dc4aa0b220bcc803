import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { upstreamUrl } from '../route.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';

/** An agent starts no later because of an API that is slow to say what it costs nothing to ask. */
const ANSWER_WITHIN_MS = 10_000;
const MOST_BYTES = 256 * 1024;

export interface Asking {
  readonly config: Pick<GatewayConfig, 'upstream' | 'model'>;
  readonly credentials: Credentials;
  readonly upstream: Upstream;
  readonly signal: AbortSignal;
}

/** What the API says before an agent starts. */
export type Preflight =
  | { readonly kind: 'ready' }
  /** It answers, and not in a way that tells whether the agent's requests will be answered. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'error'; readonly error: ErrorReply }
  | { readonly kind: 'no connection'; readonly error: unknown };

/**
 * Asks the API once, at no cost (https://docs.claude.com/en/api/models-list), whether it is there, takes
 * the credential and offers the agent's model. Gateways of companies may lack this endpoint, and so may
 * tokens of subscriptions: what they answer then tells nothing.
 */
export async function preflight(asking: Asking): Promise<Preflight> {
  try {
    const models = await ask(asking, '/v1/models?limit=1');
    if (models.status >= 400) {
      return tells(models, await asking.credentials.name())
        ? { kind: 'error', error: models }
        : { kind: 'unknown' };
    }
    const { model } = asking.config;
    if (!isListOfModels(models) || !FULL_NAME.test(model)) return { kind: 'ready' };
    const known = await ask(asking, `/v1/models/${model.replace(CONTEXT, '')}`);
    const isUnknown = known.status === 404 && errorOf(known.body).type === 'not_found_error';
    return isUnknown ? { kind: 'error', error: known } : { kind: 'ready' };
  } catch (error) {
    return { kind: 'no connection', error };
  }
}

/** Whether the API answers at all, whatever it says. */
export async function answers(asking: Asking): Promise<boolean> {
  try {
    return (await ask(asking, '/v1/models?limit=1')).status < 500;
  } catch {
    return false;
  }
}

/** Aliases are Claude Code's, and the API does not know them. */
const FULL_NAME = /^claude-[a-z0-9.-]{1,100}(?:\[1m\])?$/;
/** Claude Code's way to ask for a longer context. */
const CONTEXT = /\[1m\]$/;

/** Whether an error is about more than this endpoint. */
function tells(error: ErrorReply, credential: string | undefined): boolean {
  const { status } = error;
  if (status === 401) {
    // What the API says where it takes such a token elsewhere only.
    const isElsewhere = /not supported/i.test(errorOf(error.body).message);
    return credential !== 'CLAUDE_CODE_OAUTH_TOKEN' || !isElsewhere;
  }
  if (status === 429 || status === 501) return false;
  return classify(error, Date.now()).kind === 'wait';
}

/** Anthropic's own list: of another's, who knows which models it leaves out. */
function isListOfModels({ body }: ErrorReply): boolean {
  const models = parseRecord(body.toString('utf8'))?.['data'];
  return Array.isArray(models) && models.length > 0 && record(models[0])['type'] === 'model';
}

async function ask(
  { config, credentials, upstream, signal }: Asking,
  path: string,
): Promise<ErrorReply> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const reply = await upstream.send({
    url: upstreamUrl(config.upstream, path),
    method: 'GET',
    headers: {
      'anthropic-version': '2023-06-01',
      'accept-encoding': 'identity',
      ...(await credentials.api([])),
    },
    body: null,
    signal: late,
    onSent: () => {},
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MOST_BYTES) chunks.push(chunk);
  }
  return { status: reply.status, headers: reply.headers, body: Buffer.concat(chunks) };
}
