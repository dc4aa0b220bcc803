import { readTime } from '../values/time.ts';
import { isRecord } from '../values/untrusted.ts';

/** Why the model's provider rejects an agent's requests, with the text for people. */
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
 * `waiting/<agent>.json` in `PATHS.control`. The agent's gateway writes it while it holds requests that the
 * provider has rejected.
 */
export interface ProviderWait {
  readonly reason: ProviderReason;
  /** The HTTP status or the code of the system error: `529`, `ECONNREFUSED`. */
  readonly detail?: string;
  /** ISO 8601. */
  readonly since: string;
  /** When the gateway tries again, ISO 8601. */
  readonly until: string;
  /** Whether the provider gave that time. Otherwise the gateway chose it. */
  readonly told: boolean;
}

/**
 * Describes a wait: `usage limit, until 14:00`.
 * @param clock formats an ISO 8601 time for the reader.
 */
export function providerWaitText(wait: ProviderWait, clock: (time: string) => string): string {
  const end = `${wait.told ? 'until' : 'next try at'} ${clock(wait.until)}`;
  return `${providerWaitReason(wait)}, ${end}`;
}

/** `no connection (ECONNREFUSED)` */
export function providerWaitReason({ reason, detail }: ProviderWait): string {
  return `${PROVIDER_REASONS[reason]}${detail === undefined ? '' : ` (${detail})`}`;
}

const DETAIL = /^[A-Z0-9_]{1,40}$/;

/** @returns undefined if the value is not a valid {@link ProviderWait}. */
export function toProviderWait(value: unknown): ProviderWait | undefined {
  if (!isRecord(value)) return undefined;
  const { reason, detail, told } = value;
  const since = readTime(value['since']);
  const until = readTime(value['until']);
  if (typeof reason !== 'string' || !Object.hasOwn(PROVIDER_REASONS, reason)) return undefined;
  if (since === undefined || until === undefined || typeof told !== 'boolean') return undefined;
  if (detail !== undefined && !(typeof detail === 'string' && DETAIL.test(detail)))
    return undefined;
  return {
    reason: reason as ProviderReason,
    ...(detail !== undefined && { detail: detail as string }),
    since,
    until,
    told,
  };
}
