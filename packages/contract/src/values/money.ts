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

/**
 * Formats exact decimal dollars for a person: `1.4249` as `$1.42`. Figures from elsewhere may have more decimals
 * than a ledger.
 */
export function dollars(usd: string): string {
  return formatMoney(parseFigure(usd));
}

/** Formats the amounts of a table as {@link dollars} does, but so that they add up to their total. */
export function dollarsTogether(usds: readonly string[]): readonly string[] {
  const amounts = usds.map(parseFigure);
  const cents = centsTogether(amounts);
  return amounts.map((amount, index) => formatCents(cents[index] ?? 0n, amount));
}

function parseFigure(usd: string): Money {
  return parseMoney(usd.replace(/(\.\d{12})\d+$/, '$1'));
}

/** The amount for people, rounded to cents: `$1.42`. Less than half a cent is `<$0.01`, never `$0.00`. */
export function formatMoney(amount: Money): string {
  return formatCents(rounded(amount), amount);
}

/**
 * Formats amounts as {@link formatMoney} does, but so that they add up to their total, and those of a group to what
 * {@link dollarsTogether} shows of the groups.
 * @param parts in the order of the result, each with the name of its group.
 */
export function formatParts(
  parts: readonly { readonly group: string; readonly amount: Money }[],
): readonly string[] {
  const groups = Map.groupBy(parts.keys(), (index) => parts[index]?.group);
  const amountsOf = (indexes: readonly number[]): readonly Money[] =>
    indexes.map((index) => parts[index]?.amount ?? 0n);
  const sums = [...groups.values()].map((indexes) => sum(amountsOf(indexes)));
  const centsOfGroups = centsTogether(sums);
  const texts: string[] = [];
  for (const [at, indexes] of [...groups.values()].entries()) {
    const amounts = amountsOf(indexes);
    const cents = apportion(amounts, centsOfGroups[at] ?? 0n);
    for (const [position, index] of indexes.entries()) {
      texts[index] = formatCents(cents[position] ?? 0n, amounts[position] ?? 0n);
    }
  }
  return texts;
}

/** An amount rounded half up to cents, as decimal text: `1.425` becomes `1.43`. */
export function roundToCents(usd: string): string {
  return moneyText(rounded(parseFigure(usd)) * CENT);
}

/** The amounts of a table in cents and as decimal text, `0.08`, so that they add up to their total. */
export function centsTextTogether(usds: readonly string[]): readonly string[] {
  return centsTogether(usds.map(parseFigure)).map((cents) => moneyText(cents * CENT));
}

function centsTogether(amounts: readonly Money[]): readonly bigint[] {
  return apportion(amounts, rounded(sum(amounts)));
}

/**
 * Rounds amounts to cents by the largest remainder: each is rounded down, and those that lose most get the cents that
 * are missing in the total. No amount is more than a cent away.
 * @param total cents; the exact sum, rounded up or down.
 */
function apportion(amounts: readonly Money[], total: bigint): readonly bigint[] {
  const cents = amounts.map((amount) => amount / CENT);
  const missing = Number(total - sum(cents));
  const lost = (index: number): bigint => (amounts[index] ?? 0n) % CENT;
  const raised = new Set(
    [...amounts.keys()].toSorted((a, b) => Number(lost(b) - lost(a))).slice(0, missing),
  );
  return cents.map((one, index) => (raised.has(index) ? one + 1n : one));
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function rounded(amount: Money): bigint {
  return (amount + CENT / 2n) / CENT;
}

function formatCents(cents: bigint, exact: Money): string {
  if (cents === 0n && exact > 0n) return '<$0.01';
  return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}
