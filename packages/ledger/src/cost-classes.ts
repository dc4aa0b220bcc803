import type { TokenCounts } from '@agentteam/contract';
import { type Money, parseMoney } from '@agentteam/contract';
import { type LedgerEntry, spentBy, tokensOf } from './entry.ts';
import { addTokens } from './ledger-totals.ts';
import { findPrice, type Rates } from './price-table.ts';
import { PRICES } from './prices.ts';

/** What the tokens of each class cost. `other`: searches, and what tokens do not explain. */
export interface ClassCosts {
  readonly input: Money;
  readonly output: Money;
  readonly cacheRead: Money;
  readonly cacheWrite: Money;
  readonly other: Money;
}

export const NO_COSTS: ClassCosts = {
  input: 0n,
  output: 0n,
  cacheRead: 0n,
  cacheWrite: 0n,
  other: 0n,
};

/** For a model without a list price: how the prices of most models relate to each other. */
const TYPICAL: Rates = {
  input: '1',
  output: '5',
  cacheRead: '0.1',
  cacheWrite5m: '1.25',
  cacheWrite1h: '2',
};

/**
 * Splits the cost of an entry among the classes of its tokens, in the ratio of its models' list prices. The
 * parts add up to the cost exactly, also where other prices were charged.
 */
export function costsByClass(entry: LedgerEntry): ClassCosts {
  const others = (entry.state === 'open' ? [] : (entry.others ?? [])).map((other) => ({
    ...other,
    usd: parseMoney(other.usd),
  }));
  const usd = others.reduce((rest, other) => rest - other.usd, spentBy(entry));
  const tokens = others.reduce((rest, other) => addTokens(rest, other.tokens, -1), tokensOf(entry));
  const searches = BigInt(entry.webSearches) * parseMoney(PRICES.webSearch);
  const other = searches < usd ? searches : usd;
  return others.reduce(
    (sum, one) => addCosts(sum, split(one.model, one.tokens, one.usd)),
    addCosts({ ...NO_COSTS, other }, split(entry.model, tokens, usd - other)),
  );
}

export function addCosts(a: ClassCosts, b: ClassCosts): ClassCosts {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    other: a.other + b.other,
  };
}

function split(model: string, tokens: TokenCounts, usd: Money): ClassCosts {
  const rates = findPrice(PRICES, model) ?? TYPICAL;
  const weight = (name: keyof TokenCounts): bigint =>
    BigInt(Math.max(0, tokens[name])) * parseMoney(rates[name]);
  const cacheWrite = weight('cacheWrite5m') + weight('cacheWrite1h');
  const all = weight('input') + weight('output') + weight('cacheRead') + cacheWrite;
  if (all === 0n) return { ...NO_COSTS, other: usd };
  const input = (usd * weight('input')) / all;
  const cacheRead = (usd * weight('cacheRead')) / all;
  const written = (usd * cacheWrite) / all;
  // The last one takes what the divisions have cut off.
  return {
    input,
    output: usd - input - cacheRead - written,
    cacheRead,
    cacheWrite: written,
    other: 0n,
  };
}
