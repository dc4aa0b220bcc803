import type { AnswerTooLarge } from '../kube/kube-error.ts';

/** Why figures are not trusted. It becomes the condition `FiguresRefused`. */
export interface FiguresRefusal {
  readonly reason: 'NotProven' | 'NoKey' | 'Malformed' | 'TooLarge' | 'WentDown';
  /** Does not quote the untrusted figures. */
  readonly message: string;
}

export function notProven(whose: string): FiguresRefusal {
  const message = `${whose} have no valid proof: another program sent them, or the key in Secret agentteam-figures was replaced.`;
  return { reason: 'NotProven', message };
}

export function noKey(whose: string): FiguresRefusal {
  const message = `${whose} cannot be verified: the controller may not read Secret agentteam-figures in the team's namespace.`;
  return { reason: 'NoKey', message };
}

export function malformed(whose: string, problem: string): FiguresRefusal {
  return { reason: 'Malformed', message: `${whose} are malformed: ${problem}.` };
}

export function tooLarge(whose: string, { message }: AnswerTooLarge): FiguresRefusal {
  return { reason: 'TooLarge', message: `${whose} were not read: ${message}.` };
}

export function decreased(whose: string): FiguresRefusal {
  const message = `${whose} report a lower cost than before, but a cost can only grow.`;
  return { reason: 'WentDown', message };
}

/** Compares two amounts of dollars in decimal notation, exactly. */
export function isLess(one: string, other: string): boolean {
  const [a, b] = [picos(one), picos(other)];
  return a < b;
}

const DIGITS = 18;

function picos(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(DIGITS, '0').slice(0, DIGITS));
}
