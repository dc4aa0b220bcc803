import type { IncomingHttpHeaders } from 'node:http';
import { retryAfter } from '@agentteam/notify';
import { joined } from '../http/headers.ts';

/** Rate limits of an API key: https://docs.claude.com/en/api/rate-limits#response-headers */
const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** Message of a monthly limit: `You will regain access on 2026-12-01 at 00:00 UTC.` */
const REGAIN = /regain access on (\d{4}-\d\d-\d\d)(?: at (\d\d:\d\d))? ?UTC/i;

/**
 * The time at which the provider will answer again, in milliseconds since the epoch. It is the latest
 * of `retry-after`, the reset of a subscription's limit, and the resets of a key's exhausted limits.
 * @param message the error's message.
 * @returns `undefined` when the response names no time.
 */
export function resetTime(
  headers: IncomingHttpHeaders,
  message: string,
  now: number,
): number | undefined {
  const times = [
    waitEnd(headers, now),
    unifiedReset(headers),
    ...LIMITS.map((limit) => usedUpReset(headers, limit)),
    regainTime(message),
  ].filter((time) => time !== undefined && Number.isFinite(time) && time <= LATEST);
  return times.length === 0 ? undefined : Math.max(...(times as number[]));
}

/** Later dates need more than four digits for the year, and must be mistakes. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

function waitEnd(headers: IncomingHttpHeaders, now: number): number | undefined {
  const milliseconds = header(headers, 'retry-after-ms');
  if (milliseconds !== undefined && isNumber(milliseconds)) return now + Number(milliseconds);
  const after = retryAfter(header(headers, 'retry-after'), now);
  return after === undefined ? undefined : now + after;
}

/** A subscription's limits share one status and one reset time. */
function unifiedReset(headers: IncomingHttpHeaders): number | undefined {
  if (header(headers, 'anthropic-ratelimit-unified-status') !== 'rejected') return undefined;
  return timeOf(header(headers, 'anthropic-ratelimit-unified-reset'));
}

function usedUpReset(headers: IncomingHttpHeaders, limit: string): number | undefined {
  const name = `anthropic-ratelimit-${limit}`;
  if (header(headers, `${name}-remaining`) !== '0') return undefined;
  return timeOf(header(headers, `${name}-reset`));
}

function regainTime(message: string): number | undefined {
  const [, day, clock = '00:00'] = REGAIN.exec(message) ?? [];
  return day === undefined ? undefined : dateOf(`${day}T${clock}:00Z`);
}

/** Seconds since the epoch, or a date. */
function timeOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  return isNumber(value) ? Number(value) * 1000 : dateOf(value);
}

function dateOf(value: string): number | undefined {
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function isNumber(value: string): boolean {
  return /^\d+(\.\d+)?$/.test(value);
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  return joined(headers[name])?.trim();
}
