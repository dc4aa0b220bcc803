import type { IncomingHttpHeaders } from 'node:http';
import { joined } from '../headers.ts';

/** Limits of an API key: https://docs.claude.com/en/api/rate-limits#response-headers */
const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** The message of a limit that a person has set: `You will regain access on 2026-12-01 at 00:00 UTC.` */
const REGAIN = /regain access on (\d{4}-\d\d-\d\d)(?: at (\d\d:\d\d))? ?UTC/i;

/**
 * When the provider says that it will answer again, in milliseconds since the epoch: the latest of
 * `retry-after`, the reset of a subscription's limit and the resets of a key's limits that are used up.
 * @param message of the error.
 * @returns undefined where it says nothing that can be understood.
 */
export function resetTime(
  headers: IncomingHttpHeaders,
  message: string,
  now: number,
): number | undefined {
  const times = [
    retryAfter(headers, now),
    unifiedReset(headers),
    ...LIMITS.map((limit) => usedUpReset(headers, limit)),
    regainTime(message),
  ].filter((time) => time !== undefined && Number.isFinite(time) && time <= LATEST);
  return times.length === 0 ? undefined : Math.max(...(times as number[]));
}

/** A date beyond it cannot be written in four digits, and is a mistake. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

function retryAfter(headers: IncomingHttpHeaders, now: number): number | undefined {
  const milliseconds = header(headers, 'retry-after-ms');
  if (milliseconds !== undefined && isNumber(milliseconds)) return now + Number(milliseconds);
  const value = header(headers, 'retry-after');
  if (value === undefined) return undefined;
  return isNumber(value) ? now + Number(value) * 1000 : dateOf(value);
}

/** A subscription's limits share one status; it says when the one that is reached resets. */
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
