import { parseDuration } from '../../resolve/duration.ts';
import type { Bounded, Loose } from './bounds.ts';

/** From the loosest to the strictest. */
const ON_LIMIT = ['finish', 'cut', 'reserve'];

export function compareBudget(
  { lifecycle: bound }: Bounded,
  { lifecycle }: Bounded,
): readonly Loose[] {
  const most = bound?.budgetLimit ?? '';
  const limit = lifecycle?.budgetLimit;
  const found: Loose[] = [];
  if (limit === undefined || !(Number(limit) <= Number(most))) {
    found.push({
      path: ['lifecycle', 'budgetLimit'],
      message: `is ${limit ?? 'not set'}`,
      hint: `leave it out, or set at most ${most}`,
    });
  }
  const { onLimit: strict = 'finish' } = bound ?? {};
  const { onLimit = 'finish' } = lifecycle ?? {};
  if (ON_LIMIT.indexOf(onLimit) < ON_LIMIT.indexOf(strict)) {
    found.push({
      path: ['lifecycle', 'onLimit'],
      message: `is ${onLimit}`,
      hint: `leave it out, or set ${strict}`,
    });
  }
  return found;
}

export function compareTimeout(
  { lifecycle: bound }: Bounded,
  { lifecycle }: Bounded,
): readonly Loose[] {
  const most = parseDuration(bound?.timeout ?? '');
  const { timeout = '' } = lifecycle ?? {};
  const seconds = parseDuration(timeout);
  // One that is no duration is another problem, and is told of as such.
  if (most === undefined || seconds === undefined || seconds <= most) return [];
  const hint = `leave it out, or set at most ${bound?.timeout}`;
  return [{ path: ['lifecycle', 'timeout'], message: `is ${timeout}`, hint }];
}
