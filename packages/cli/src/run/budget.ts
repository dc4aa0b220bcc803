import { parseMoney } from '@agentteam/ledger';
import { usageError } from '../failure.ts';

/** @throws Failure for what is no positive amount of dollars with at most two decimals. */
export function checkBudget(text: string): string {
  const amount = text.replace(/^\$/, '');
  if (/^\d{1,9}(\.\d{1,2})?$/.test(amount) && parseMoney(amount) > 0n) return amount;
  throw usageError(`--budget ${text}: not an amount of dollars`, 'Write for example --budget 5.00');
}
