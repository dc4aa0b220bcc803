/**
 * Decimal text with two places, rounded half up: what a person reads as a price.
 * @param usd exact decimal text of dollars, as the ledger writes it.
 */
export function cents(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  const digits = BigInt(whole + fraction.padEnd(3, '0').slice(0, 3));
  const rounded = (digits + 5n) / 10n;
  return `${rounded / 100n}.${String(rounded % 100n).padStart(2, '0')}`;
}
