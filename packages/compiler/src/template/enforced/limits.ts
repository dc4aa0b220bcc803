import { ON_LIMIT, parseDuration } from '@agentteam/contract';
import type { Bounded, Loose } from './bounds.ts';

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
      hint: `remove it, or set at most ${most}`,
    });
  }
  const { onLimit: strict = 'finish' } = bound ?? {};
  const { onLimit = 'finish' } = lifecycle ?? {};
  if (strictness(onLimit) < strictness(strict)) {
    found.push({
      path: ['lifecycle', 'onLimit'],
      message: `is ${onLimit}`,
      hint: `remove it, or set ${strict}`,
    });
  }
  return found;
}

function strictness(onLimit: string): number {
  return (ON_LIMIT as readonly string[]).indexOf(onLimit);
}

export function compareTimeout(
  { lifecycle: bound }: Bounded,
  { lifecycle }: Bounded,
): readonly Loose[] {
  const most = parseDuration(bound?.timeout ?? '');
  const { timeout = '' } = lifecycle ?? {};
  const seconds = parseDuration(timeout);
  // A text that is not a duration is reported as a problem of its own.
  if (most === undefined || seconds === undefined || seconds <= most) return [];
  const hint = `remove it, or set at most ${bound?.timeout}`;
  return [{ path: ['lifecycle', 'timeout'], message: `is ${timeout}`, hint }];
}
