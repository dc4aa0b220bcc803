/**
 * Rounds an amount of US dollars half up to two decimals.
 * @param usd exact decimal text, as the ledger writes it: `1.425`.
 * @returns decimal text: `1.43`.
 */
export function roundToCents(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  const digits = BigInt(whole + fraction.padEnd(3, '0').slice(0, 3));
  const rounded = (digits + 5n) / 10n;
  return `${rounded / 100n}.${String(rounded % 100n).padStart(2, '0')}`;
}
