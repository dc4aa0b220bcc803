/**
 * An exact amount of US dollars, as a whole number of picodollars (10⁻¹² $). A price of $0.01 per million
 * tokens is 10,000 picodollars per token, so list prices and sums are never rounded.
 */
export type Money = bigint;

const DECIMALS = 12;
const SCALE: Money = 10n ** BigInt(DECIMALS);
const CENT: Money = SCALE / 100n;

/**
 * @param text dollars in decimal notation, for example `10.00` or `0.00065779`.
 * @throws RangeError when the text has a sign, an exponent, or more than twelve decimals.
 */
export function parseMoney(text: string): Money {
  const match = /^([0-9]{1,12})(?:\.([0-9]{1,12}))?$/.exec(text);
  if (!match) throw new RangeError(`${JSON.stringify(text)} is not an amount of dollars`);
  const [, whole = '0', fraction = ''] = match;
  return BigInt(whole) * SCALE + BigInt(fraction.padEnd(DECIMALS, '0'));
}

/** The exact amount in decimal notation, with at least two decimals: `10.00`, `0.00065779`. */
export function moneyText(amount: Money): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${digits.slice(0, -DECIMALS)}.${fraction}`;
}

/** Formats exact decimal dollars for a person: `1.4249` as `$1.42`. */
export function dollars(usd: string): string {
  return formatMoney(parseMoney(usd));
}

/** The amount for people, rounded to cents: `$1.42`. Less than half a cent is `<$0.01`, never `$0.00`. */
export function formatMoney(amount: Money): string {
  if (amount > 0n && amount < CENT / 2n) return '<$0.01';
  const cents = (amount + CENT / 2n) / CENT;
  return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}
