import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderReason } from '@agentteam/contract';
import { plainText } from '@agentteam/contract';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { resetTime } from './reset-time.ts';

/** A complete error response of the provider. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What kind of error it is. */
export type ErrorClass =
  /** The provider will answer later. `forMs` is the time from now, if the provider named one. */
  | {
      readonly kind: 'wait';
      readonly reason: ProviderReason;
      readonly detail?: string;
      readonly forMs?: number;
      /** Whether the reason is a limit of the account, and not a fault of the provider. */
      readonly isLimit: boolean;
    }
  /** The credential is refused. Waiting helps only if somebody replaces it. */
  | { readonly kind: 'credential' }
  /** This request is refused. Claude Code handles some of these errors itself. */
  | { readonly kind: 'request' }
  /** The same request may succeed immediately. Claude Code repeats it itself. */
  | { readonly kind: 'retry' };

/** Request Timeout, Conflict, Too Early. */
const RETRY: ReadonlySet<number> = new Set([408, 409, 425]);

/** The API's messages for an account without credit; the status varies. */
const NO_CREDIT =
  /credit balance is too low|out of (?:extra )?credits?|insufficient (?:credits?|funds)|plans & billing/i;
/** The API's messages for a monthly limit that the account's owner has set. */
const SPEND_LIMIT =
  /reached your specified (?:workspace )?(?:API )?usage limits?|regain access on/i;
/** Limits that reset within this time are rate limits, not what people know as their usage limit. */
const SHORT_MS = 5 * 60_000;

/** Classifies an error by its status and message: https://docs.claude.com/en/api/errors */
export function classify({ status, headers, body }: ErrorReply, now: number): ErrorClass {
  const { message } = errorOf(body);
  const until = resetTime(headers, message, now);
  // Use a duration, because the clock may jump before it is used.
  const forMs = until === undefined ? undefined : Math.max(0, until - now);
  const wait = (reason: ProviderReason, isLimit: boolean, detail?: number): ErrorClass => ({
    kind: 'wait',
    reason,
    isLimit,
    ...(detail !== undefined && { detail: String(detail) }),
    ...(forMs !== undefined && { forMs }),
  });
  if (status === 400 || status === 402 || status === 403 || status === 429) {
    if (status === 402 || NO_CREDIT.test(message)) return wait('no-credit', true);
    if (SPEND_LIMIT.test(message)) return wait('usage-limit', true);
  }
  if (status === 429) {
    const isUsage =
      headers['anthropic-ratelimit-unified-status'] === 'rejected' ||
      /usage limit|limit reached/i.test(message) ||
      (forMs !== undefined && forMs > SHORT_MS);
    return wait(isUsage ? 'usage-limit' : 'rate-limit', true);
  }
  if (status === 529) return wait('overloaded', false, status);
  if (status >= 500) return wait('server-error', false, status);
  if (status === 401 || status === 403) return { kind: 'credential' };
  return { kind: RETRY.has(status) ? 'retry' : 'request' };
}

const MAX_MESSAGE = 300;

/** The type and message of an error. Both are empty for a proxy's error page. */
export function errorOf(body: Buffer): { readonly type: string; readonly message: string } {
  const error = record(parseRecord(body.toString('utf8'))?.['error']);
  const text = (value: unknown) =>
    typeof value === 'string' ? plainText(value, MAX_MESSAGE).replace(/\s+/g, ' ').trim() : '';
  return { type: text(error['type']), message: text(error['message']) };
}
