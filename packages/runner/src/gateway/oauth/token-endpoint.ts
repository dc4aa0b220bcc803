import { plainText } from '@agentteam/contract';
import { connectionCode } from '../http/forward.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { parseRecord } from '../usage/reply-meter.ts';

/** A request for a new access token (RFC 6749, section 6). */
export interface RefreshRequest {
  readonly url: URL;
  readonly clientId: string;
  readonly refreshToken: string;
  /** Scopes separated by spaces; absent for those of the login. */
  readonly scope: string | undefined;
}

export type RefreshReply =
  | {
      readonly kind: 'issued';
      readonly accessToken: string;
      /** Absent when the endpoint does not replace the refresh token. */
      readonly refreshToken?: string;
      readonly expiresInMs?: number;
    }
  /** The refresh token is not accepted, and will not be. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Another attempt may succeed. `detail` is an HTTP status or the code of a system error. */
  | { readonly kind: 'unavailable'; readonly detail: string };

const ANSWER_WITHIN_MS = 15_000;
const MAX_BYTES = 64 * 1024;
const MAX_REASON = 200;

/**
 * Asks a token endpoint for a new access token. The form of the request and of the answer is that of
 * Claude Code 2.1.330, which sends JSON. Anthropic documents neither.
 */
export async function askForToken(
  upstream: Upstream,
  { url, clientId, refreshToken, scope }: RefreshRequest,
  signal: AbortSignal,
): Promise<RefreshReply> {
  const body = Buffer.from(
    JSON.stringify({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      ...(scope !== undefined && { scope }),
    }),
  );
  try {
    const reply = await upstream.send({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': String(body.length),
        accept: 'application/json',
        'accept-encoding': 'identity',
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      onSent: () => {},
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of reply.body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BYTES) chunks.push(chunk);
    }
    return readReply(reply.status, Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    return { kind: 'unavailable', detail: connectionCode(error) ?? 'ETIMEDOUT' };
  }
}

function readReply(status: number, text: string): RefreshReply {
  const fields = parseRecord(text) ?? {};
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = fields;
  if (status === 200 && typeof accessToken === 'string' && isHeaderValue(accessToken)) {
    return {
      kind: 'issued',
      accessToken,
      ...(typeof refreshToken === 'string' && refreshToken !== '' && { refreshToken }),
      ...(typeof expiresIn === 'number' && expiresIn > 0 && { expiresInMs: expiresIn * 1000 }),
    };
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { kind: 'refused', reason: `${status}${reasonIn(fields)}` };
  }
  return { kind: 'unavailable', detail: String(status) };
}

function isHeaderValue(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

/** ` invalid_grant: Refresh token not found`; an OAuth error, or one in the form of the Messages API. */
function reasonIn(fields: Readonly<Record<string, unknown>>): string {
  const { error, error_description: description } = fields;
  const nested = typeof error === 'object' && error !== null ? error : {};
  const { type, message } = nested as Readonly<Record<string, unknown>>;
  const parts = [error, type, description, message].filter((part) => typeof part === 'string');
  return parts.length === 0 ? '' : ` ${plainText(parts.join(': '), MAX_REASON)}`;
}
