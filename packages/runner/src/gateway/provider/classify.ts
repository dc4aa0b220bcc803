import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderReason } from '@agentteam/contract';
import { plainText } from '@agentteam/contract';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { resetTime } from './reset-time.ts';

/** An error of the provider, read whole. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is to be done about it. */
export type Verdict =
  /** The provider will answer later. `forMs`: for how long from now, where it names a time. */
  | {
      readonly kind: 'wait';
      readonly reason: ProviderReason;
      readonly detail?: string;
      readonly forMs?: number;
      /** Whether a limit of the account is the reason, and not a fault of the provider's. */
      readonly isLimit: boolean;
    }
  /** Waiting cures it only if somebody replaces the credential. */
  | { readonly kind: 'credential' }
  /** It is about this one request: Claude Code knows what to do about some of these. */
  | { readonly kind: 'request' }
  /** The same request may be answered at once: Claude Code sends it again by itself. */
  | { readonly kind: 'again' };

/** Timeout of the request, conflict, too early. */
const AGAIN: ReadonlySet<number> = new Set([408, 409, 425]);

/** What the API says of an account without money, whatever the status. */
const NO_CREDIT =
  /credit balance is too low|out of (?:extra )?credits?|insufficient (?:credits?|funds)|plans & billing/i;
/** What it says of a limit that people have set for the month. */
const SPEND_LIMIT =
  /reached your specified (?:workspace )?(?:API )?usage limits?|regain access on/i;
/** A limit that lifts within minutes is not one that people know as their usage limit. */
const SHORT_MS = 5 * 60_000;

/** Sorts an error by its status and its words: https://docs.claude.com/en/api/errors */
export function classify({ status, headers, body }: ErrorReply, now: number): Verdict {
  const { message } = errorOf(body);
  const until = resetTime(headers, message, now);
  // A span of time, because the clock may jump before it is used.
  const forMs = until === undefined ? undefined : Math.max(0, until - now);
  const wait = (reason: ProviderReason, isLimit: boolean, detail?: number): Verdict => ({
    kind: 'wait',
    reason,
    isLimit,
    ...(detail === undefined ? {} : { detail: String(detail) }),
    ...(forMs === undefined ? {} : { forMs }),
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
  return { kind: AGAIN.has(status) ? 'again' : 'request' };
}

const LONGEST_MESSAGE = 300;

/** The type and the words of an error; a proxy's page has neither. */
export function errorOf(body: Buffer): { readonly type: string; readonly message: string } {
  const error = record(parseRecord(body.toString('utf8'))?.['error']);
  const text = (value: unknown) =>
    typeof value === 'string' ? plainText(value, LONGEST_MESSAGE).replace(/\s+/g, ' ').trim() : '';
  return { type: text(error['type']), message: text(error['message']) };
}
