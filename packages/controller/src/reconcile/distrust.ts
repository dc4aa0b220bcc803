import type { AnswerTooLarge } from '../kube/kube-error.ts';

/** Why figures are not shown. */
export interface Distrust {
  readonly reason: 'NotProven' | 'NoKey' | 'Malformed' | 'TooLarge' | 'WentDown';
  /** A sentence that quotes nothing of what was said. */
  readonly message: string;
}

export function notProven(whose: string): Distrust {
  const message = `${whose} are not proven by the key in Secret agentteam-figures: they come from another program, or the key is another by now.`;
  return { reason: 'NotProven', message };
}

export function noKey(whose: string): Distrust {
  const message = `${whose} cannot be checked: the controller may not read Secret agentteam-figures of the namespace.`;
  return { reason: 'NoKey', message };
}

export function malformed(whose: string, problem: string): Distrust {
  return { reason: 'Malformed', message: `${whose} make no sense: ${problem}.` };
}

export function tooLarge(whose: string, { message }: AnswerTooLarge): Distrust {
  return { reason: 'TooLarge', message: `${whose} were not read: ${message}.` };
}

export function wentDown(whose: string): Distrust {
  const message = `${whose} say that less was spent than they said before. A ledger only grows.`;
  return { reason: 'WentDown', message };
}

/** Exact decimal text of dollars, compared. */
export function isLess(one: string, other: string): boolean {
  const [a, b] = [picos(one), picos(other)];
  return a < b;
}

const DIGITS = 18;

function picos(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(DIGITS, '0').slice(0, DIGITS));
}
