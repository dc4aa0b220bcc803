import { parseDuration } from '@agentteam/compiler';
import { InvalidArgumentError } from 'commander';

/** Longest that a timer of Node takes. */
const MOST = 2 ** 31 - 1;

/** Milliseconds of `90m`, `1h30m`. */
export function parseTimeout(text: string): number {
  const milliseconds = (parseDuration(text) ?? Number.NaN) * 1000;
  if (milliseconds <= MOST) return milliseconds;
  throw new InvalidArgumentError('Write for example 90m, 1h30m or 45s, up to 24 days.');
}
