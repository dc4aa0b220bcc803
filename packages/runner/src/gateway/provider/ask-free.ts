import { once } from 'node:events';
import type { GatewayConfig } from '../config.ts';
import type { Headers } from '../http/headers.ts';
import type { ProviderApi } from '../provider-api/provider-api.ts';
import type { UpstreamRequest } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { ErrorReply } from './error-of.ts';

/** A slow answer must not delay the agent's start any longer. */
const ANSWER_WITHIN_MS = 10_000;
/** A list of all inference profiles of a region takes about 100 KB. */
const MAX_BYTES = 1024 * 1024;

/** What is needed to ask the provider before an agent starts. */
export interface PreflightOptions {
  readonly config: Pick<GatewayConfig, 'upstream' | 'model' | 'provider'>;
  readonly api: ProviderApi;
  readonly upstream: Upstream;
  readonly signal: AbortSignal;
}

/**
 * Sends a question that costs nothing, and reads the whole answer.
 * @param headers with the credential. A service that issues tokens may be slow, too.
 */
export async function askFree(
  { upstream, signal }: { readonly upstream: Upstream; readonly signal: AbortSignal },
  request: Pick<UpstreamRequest, 'url' | 'method' | 'body'>,
  headers: Promise<Headers>,
): Promise<ErrorReply> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const known = await Promise.race([headers, aborted(late)]);
  const reply = await upstream.send({ ...request, headers: known, signal: late, onSent: () => {} });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
  }
  return { status: reply.status, headers: reply.headers, body: Buffer.concat(chunks) };
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
