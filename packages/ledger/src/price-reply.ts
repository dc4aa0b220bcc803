import type { TokenCounts } from '@agentteam/contract';
import { type Money, parseMoney } from './money.ts';
import { findPrice, type PriceTable, type Rates } from './price-table.ts';

/** What the API reported for one reply. */
export interface ReplyUsage {
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  /** `fast` where the API says so. */
  readonly speed?: string;
  /** Where it was computed, where the API says so. */
  readonly geo?: string;
}

/** `list`: the table has the model. `unknown`: it has not, and its dearest rates were taken. */
export type PriceBasis = 'list' | 'unknown';

export interface Price {
  readonly usd: Money;
  readonly basis: PriceBasis;
}

export const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

export const TOKEN_CLASSES = Object.keys(NO_TOKENS) as readonly (keyof TokenCounts)[];

/**
 * Prices one reply.
 * @param models names by which the model is known, the most telling first.
 */
export function priceReply(table: PriceTable, models: readonly string[], usage: ReplyUsage): Price {
  const price = models.map((model) => findPrice(table, model)).find((found) => found);
  const rates = price === undefined ? dearestRates(table) : ratesFor(price, usage);
  const tokens = TOKEN_CLASSES.reduce(
    (sum, name) => sum + BigInt(usage.tokens[name]) * perToken(rates[name]),
    0n,
  );
  const searches = BigInt(usage.webSearches) * parseMoney(table.webSearch);
  const factor = parseMoney(table.geo[usage.geo ?? ''] ?? '1');
  return {
    usd: multiply(tokens, factor) + searches,
    basis: price === undefined ? 'unknown' : 'list',
  };
}

function ratesFor(price: NonNullable<ReturnType<typeof findPrice>>, usage: ReplyUsage): Rates {
  if (usage.speed === 'fast' && price.fast) return price.fast;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h } = usage.tokens;
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite1h;
  const long = price.longContext;
  return long !== undefined && prompt > long.abovePromptTokens ? long : price;
}

/** The dearest rate of each class over all models, tiers for long prompts included. */
function dearestRates(table: PriceTable): Rates {
  const all = Object.values(table.models).flatMap((price) => [price, price.longContext ?? price]);
  const dearest = (name: keyof TokenCounts) =>
    all.reduce((most, rates) => (perToken(rates[name]) > perToken(most) ? rates[name] : most), '0');
  return {
    input: dearest('input'),
    output: dearest('output'),
    cacheRead: dearest('cacheRead'),
    cacheWrite5m: dearest('cacheWrite5m'),
    cacheWrite1h: dearest('cacheWrite1h'),
  };
}

function perToken(dollarsPerMillion: string): Money {
  return parseMoney(dollarsPerMillion) / 1_000_000n;
}

/** Rounds up: a fraction of a picodollar is owed too. */
function multiply(amount: Money, factor: Money): Money {
  const one = parseMoney('1');
  return (amount * factor + one - 1n) / one;
}
