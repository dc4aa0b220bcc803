import { isRecord, time } from './untrusted.ts';

/** Why the provider of the model turns an agent away, and what people read of it. */
export const PROVIDER_REASONS = {
  'usage-limit': 'usage limit',
  'rate-limit': 'rate limit',
  'no-credit': 'the credit balance is exhausted',
  overloaded: 'overloaded',
  'server-error': 'server error',
  'no-connection': 'no connection',
  credential: 'the credential is refused',
} as const;
export type ProviderReason = keyof typeof PROVIDER_REASONS;

/**
 * `waiting/<agent>.json` in `PATHS.control`, written by the agent's gateway while it holds the agent's
 * requests because the provider turned them away.
 */
export interface ProviderWait {
  readonly reason: ProviderReason;
  /** The HTTP status or the code of the system error: `529`, `ECONNREFUSED`. */
  readonly detail?: string;
  /** ISO 8601. */
  readonly since: string;
  /** When the provider is asked again, ISO 8601. */
  readonly until: string;
  /** Whether the provider named that time. Otherwise it is the next try. */
  readonly told: boolean;
}

/**
 * A wait for a person: `usage limit, until 14:00`.
 * @param clock writes an ISO 8601 time as the reader's clock shows it.
 */
export function providerWaitText(wait: ProviderWait, clock: (time: string) => string): string {
  const end = `${wait.told ? 'until' : 'next try at'} ${clock(wait.until)}`;
  return `${providerWaitReason(wait)}, ${end}`;
}

/** `no connection (ECONNREFUSED)` */
export function providerWaitReason({ reason, detail }: ProviderWait): string {
  return `${PROVIDER_REASONS[reason]}${detail === undefined ? '' : ` (${detail})`}`;
}

/** A time as places without a time zone of their own show it: `2026-11-29 14:00:20 UTC`. */
export function utcTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const DETAIL = /^[A-Z0-9_]{1,40}$/;

/** @returns undefined for anything but a wait. */
export function toProviderWait(value: unknown): ProviderWait | undefined {
  if (!isRecord(value)) return undefined;
  const { reason, detail, told } = value;
  const since = time(value['since']);
  const until = time(value['until']);
  if (typeof reason !== 'string' || !Object.hasOwn(PROVIDER_REASONS, reason)) return undefined;
  if (since === undefined || until === undefined || typeof told !== 'boolean') return undefined;
  if (detail !== undefined && !(typeof detail === 'string' && DETAIL.test(detail)))
    return undefined;
  return {
    reason: reason as ProviderReason,
    ...(detail === undefined ? {} : { detail: detail as string }),
    since,
    until,
    told,
  };
}
