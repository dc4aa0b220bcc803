import type { ProviderReason, ProviderWait } from '@agentteam/contract';
import { pauseMs, spreadMs } from './pause-length.ts';

/** Why requests must wait, as the provider gave it. */
export interface Rejection {
  readonly reason: ProviderReason;
  readonly detail?: string;
  /** Time from now, if the provider named one. */
  readonly forMs?: number;
}

/** A pause of the requests for one model, or for all models. */
export interface Pause {
  readonly wait: ProviderWait;
  /** Number of requests that were refused since the pause began. */
  readonly tries: number;
  readonly madeAt: number;
  /** End by the wall clock, which can jump, and continues while a laptop sleeps. */
  readonly dueAt: number;
  /** End by the process's own clock, which does neither. The earlier end counts. */
  readonly dueIn: number;
  readonly credential: string;
  /** Whether a request is under way that tests if the provider answers again. */
  probed: boolean;
}

/** Key of pauses for the account or the connection, which hold requests for every model. */
export const EVERY_MODEL = '';
/** Reasons that concern one model only. */
const PER_MODEL: ReadonlySet<ProviderReason> = new Set(['usage-limit', 'rate-limit', 'overloaded']);

/** Whether a reason concerns one model or all: the model, or {@link EVERY_MODEL}. */
export function keyOf(reason: ProviderReason, model: string | undefined): string {
  return PER_MODEL.has(reason) ? (model ?? EVERY_MODEL) : EVERY_MODEL;
}

/** A time that is nearer than this means that the provider can be asked now. */
const SOON_MS = 500;

/** @param before the pause that this one continues. */
export function pauseAfter(
  { reason, detail, forMs }: Rejection,
  before: Pause | undefined,
  credential: string,
): Pause {
  // Requests that were under way at the same time are refused together, and count as one try.
  const isSameTry = before !== undefined && !before.probed && timeLeft(before) > 0;
  const tries = Math.max(1, (before?.tries ?? 0) + (isSameTry ? 0 : 1));
  const isTimeGiven = forMs !== undefined && forMs >= SOON_MS;
  // A provider that keeps naming the present moment is asked less and less often.
  const ms = isTimeGiven ? forMs : pauseMs(forMs === undefined ? reason : 'rate-limit', tries);
  const now = Date.now();
  const wait: ProviderWait = {
    reason,
    ...(detail !== undefined && { detail }),
    since:
      before !== undefined && isSameWait(before.wait, reason)
        ? before.wait.since
        : new Date(now).toISOString(),
    until: new Date(now + ms).toISOString(),
    told: isTimeGiven,
  };
  const pause = dueAfter(isTimeGiven ? ms + spreadMs(ms) : ms);
  return { ...{ wait, tries, credential, probed: false }, ...pause };
}

/** Faults of the provider and of the network count as one continuous wait. */
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

export function timeLeft({ dueAt, dueIn }: Pick<Pause, 'dueAt' | 'dueIn'>): number {
  return Math.min(dueIn - performance.now(), dueAt - Date.now());
}
