import type { ProviderReason } from '@agentteam/contract';

/** The first and the longest pause, when the provider names no time. */
const PAUSES: Readonly<Record<ProviderReason, readonly [first: number, longest: number]>> = {
  'usage-limit': [60_000, 15 * 60_000],
  'rate-limit': [1_000, 60_000],
  // Somebody has to pay, which takes a while.
  'no-credit': [30_000, 5 * 60_000],
  overloaded: [1_000, 60_000],
  'server-error': [1_000, 60_000],
  'no-connection': [1_000, 60_000],
  // A rotated Secret reaches a pod's files within a minute or two.
  credential: [2_000, 15_000],
};

/**
 * The pause before the next request to a provider that named no time, in milliseconds. It doubles each
 * time, and varies by a quarter, so that the agents of a team do not all ask at once.
 * @param tries number of refused requests, at least 1.
 * @param random from 0 to 1.
 */
export function pauseMs(
  reason: ProviderReason,
  tries: number,
  random: number = Math.random(),
): number {
  const [first, longest] = PAUSES[reason];
  return Math.min(longest, first * 2 ** Math.min(tries - 1, 20)) * (0.75 + random / 2);
}

/** Milliseconds to add to a time that the provider named, so that agents do not all ask at once. */
export function spreadMs(wait: number, random: number = Math.random()): number {
  return random * Math.min(5_000, wait / 10);
}
