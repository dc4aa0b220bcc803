import type { ProviderReason } from '@agentteam/contract';

/** The first pause and the longest, where the provider names no time. */
const PAUSES: Readonly<Record<ProviderReason, readonly [first: number, longest: number]>> = {
  'usage-limit': [60_000, 15 * 60_000],
  'rate-limit': [1_000, 60_000],
  // Somebody has to pay, and nobody does so within seconds.
  'no-credit': [30_000, 5 * 60_000],
  overloaded: [1_000, 60_000],
  'server-error': [1_000, 60_000],
  'no-connection': [1_000, 60_000],
  // A rotated Secret reaches a pod's files within a minute or two.
  credential: [2_000, 15_000],
};

/**
 * The pause before a provider that names no time is asked again: twice as long each time, and up to a
 * quarter shorter or longer, so that the agents of a team do not ask together.
 * @param tries requests that were turned away, from 1.
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

/** What is added to a time that the provider names: agents that wait for the same do not ask together. */
export function spreadMs(wait: number, random: number = Math.random()): number {
  return random * Math.min(5_000, wait / 10);
}
