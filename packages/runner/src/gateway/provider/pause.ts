import type { ProviderReason, ProviderWait } from '@agentteam/contract';
import { pauseMs, spreadMs } from './pause-length.ts';

/** Why requests are held, as the provider's answer said it. */
export interface TurnedAway {
  readonly reason: ProviderReason;
  readonly detail?: string;
  /** For how long, where the provider named a time. */
  readonly forMs?: number;
}

/** Requests for one model, or for all of them, wait. */
export interface Pause {
  readonly wait: ProviderWait;
  /** How often the provider was asked since the pause began. */
  readonly tries: number;
  readonly madeAt: number;
  /** By the wall clock, which jumps, and goes on while a laptop sleeps. */
  readonly dueAt: number;
  /** By the process's own clock, which does neither. Whichever comes first counts. */
  readonly dueIn: number;
  readonly credential: string;
  /** A request is out to see whether the provider answers again. */
  probed: boolean;
}

/** A provider that names a nearer time means that it may be asked now. */
const SOON_MS = 500;

/** @param before the pause that it goes on with. */
export function pauseAfter(
  { reason, detail, forMs }: TurnedAway,
  before: Pause | undefined,
  credential: string,
): Pause {
  // Requests that were under way together are turned away together: that is one try.
  const isSameTry = before !== undefined && !before.probed && timeLeft(before) > 0;
  const tries = Math.max(1, (before?.tries ?? 0) + (isSameTry ? 0 : 1));
  const told = forMs !== undefined && forMs >= SOON_MS;
  // A provider that names this moment again and again is asked less and less often.
  const ms = told ? forMs : pauseMs(forMs === undefined ? reason : 'rate-limit', tries);
  const now = Date.now();
  const wait: ProviderWait = {
    reason,
    ...(detail === undefined ? {} : { detail }),
    since:
      before !== undefined && isSameWait(before.wait, reason)
        ? before.wait.since
        : new Date(now).toISOString(),
    until: new Date(now + ms).toISOString(),
    told,
  };
  const pause = dueAfter(told ? ms + spreadMs(ms) : ms);
  return { ...{ wait, tries, credential, probed: false }, ...pause };
}

/** Faults of the provider and of the way to it come and go as one. */
const FAULTS: ReadonlySet<ProviderReason> = new Set([
  'overloaded',
  'server-error',
  'no-connection',
]);

function isSameWait(before: ProviderWait, reason: ProviderReason): boolean {
  return before.reason === reason || (FAULTS.has(before.reason) && FAULTS.has(reason));
}

export function dueAfter(ms: number): Pick<Pause, 'madeAt' | 'dueAt' | 'dueIn'> {
  const madeAt = performance.now();
  return { madeAt, dueAt: Date.now() + ms, dueIn: madeAt + ms };
}

export function isDue(pause: Pause, credential: string): boolean {
  return timeLeft(pause) <= 0 || credential !== pause.credential;
}

export function timeLeft({ dueAt, dueIn }: Pause): number {
  return Math.min(dueIn - performance.now(), dueAt - Date.now());
}
