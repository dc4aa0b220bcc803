import type { TokenCounts } from '@agentteam/contract';
import { type Money, parseMoney } from './money.ts';
import { findPrice, type PriceTable, type Rates } from './price-table.ts';

/** Tokens that one model read and wrote at once: a reply may take several passes. */
export interface Pass {
  /** Absent: the model that replied. Empty: the API named none, and it is not the reply's. */
  readonly model?: string;
  readonly tokens: TokenCounts;
}

/** What the API reported for one reply. */
export interface ReplyUsage {
  /** Of all passes together. */
  readonly tokens: TokenCounts;
  /** Where the reply took several: server tools, compaction, an advisor, a fallback model. */
  readonly passes?: readonly Pass[];
  readonly webSearches: number;
  /** Seconds for which a container of the API's code execution ran. */
  readonly codeSeconds?: number;
  /** Sum of the counts in fields of `usage` that have no known price. */
  readonly unknownTokens?: number;
  /** The same, of fields that count what server tools did. */
  readonly unknownUses?: number;
  /** `fast` where the API says so. */
  readonly speed?: string;
  /** Where it was computed, where the API says so. */
  readonly geo?: string;
  /** `standard`, `priority` or `batch` where the API says so. */
  readonly tier?: string;
}

/**
 * `list`: everything in the reply has a known price. `unknown`: something has not, a model, a speed or a
 * field of `usage`, and was charged at the dearest price that it could have.
 */
export type PriceBasis = 'list' | 'unknown';

export interface Price {
  readonly usd: Money;
  readonly basis: PriceBasis;
  /** What of `usd` other models than the reply's account for. */
  readonly others: readonly ModelCost[];
}

export interface ModelCost {
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly usd: Money;
}

export const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

export const TOKEN_CLASSES = Object.keys(NO_TOKENS) as readonly (keyof TokenCounts)[];

const ONE: Money = parseMoney('1');

/** Service tiers at the list price or below it. Priority capacity is bought beforehand. */
const TIERS: readonly (string | undefined)[] = [undefined, 'standard', 'priority', 'batch'];
const SPEEDS: readonly (string | undefined)[] = [undefined, 'standard', 'fast'];

/**
 * Prices one reply.
 * @param models names by which the model is known, the most telling first.
 */
export function priceReply(table: PriceTable, models: readonly string[], usage: ReplyUsage): Price {
  const factor = geoFactor(table, usage.geo);
  let basis: PriceBasis = factor.known ? 'list' : 'unknown';
  let usd = 0n;
  const others = new Map<string, ModelCost>();
  for (const { model, tokens } of usage.passes ?? [{ tokens: usage.tokens }]) {
    const names = model === undefined ? models : [model];
    const rates = ratesFor(table, names, tokens, usage);
    if (rates === undefined) basis = 'unknown';
    const cost = multiply(costOf(tokens, rates ?? dearestRates(table, usage)), factor.by);
    usd += cost;
    if (model === undefined || model === models[0]) continue;
    const known = others.get(model) ?? { model, tokens: NO_TOKENS, usd: 0n };
    others.set(model, { model, tokens: sumTokens(known.tokens, tokens), usd: known.usd + cost });
  }
  const { unknownTokens = 0, unknownUses = 0, codeSeconds = 0 } = usage;
  if (unknownTokens > 0 || unknownUses > 0) {
    basis = 'unknown';
    usd += BigInt(unknownTokens) * perToken(dearestRates(table, { speed: 'fast' }).output);
    usd += BigInt(unknownUses) * dearestUse(table);
  }
  if (usage.webSearches > 0) usd += BigInt(usage.webSearches) * parseMoney(table.webSearch);
  if (codeSeconds > 0) usd += (BigInt(codeSeconds) * parseMoney(table.codeHour) + 3599n) / 3600n;
  return { usd, basis, others: [...others.values()] };
}

function sumTokens(a: TokenCounts, b: TokenCounts): TokenCounts {
  return Object.fromEntries(
    TOKEN_CLASSES.map((name) => [name, a[name] + b[name]]),
  ) as unknown as TokenCounts;
}

function costOf(tokens: TokenCounts, rates: Rates): Money {
  return TOKEN_CLASSES.reduce(
    (sum, name) => sum + BigInt(tokens[name]) * perToken(rates[name]),
    0n,
  );
}

/** @returns `undefined` where no price is known. */
function ratesFor(
  table: PriceTable,
  models: readonly string[],
  tokens: TokenCounts,
  { speed, tier }: ReplyUsage,
): Rates | undefined {
  if (!TIERS.includes(tier) || !SPEEDS.includes(speed)) return undefined;
  const price = priceOf(table, models);
  if (price === undefined) return undefined;
  // The API replies fast with those models alone that have a price for it.
  if (speed === 'fast' && price.fast) return price.fast;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h } = tokens;
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite1h;
  const long = price.longContext;
  return long !== undefined && prompt > long.abovePromptTokens ? long : price;
}

/** A name of somebody's deployment says less than the request's; an unknown Claude says it all. */
function priceOf(table: PriceTable, models: readonly string[]) {
  for (const model of models) {
    const price = findPrice(table, model);
    if (price !== undefined || /claude/i.test(model)) return price;
  }
  return undefined;
}

/**
 * The dearest rate of each class over all models, tiers for long prompts included; those for fast
 * replies where the reply may be one.
 */
function dearestRates(table: PriceTable, { speed, tier }: Pick<ReplyUsage, 'speed' | 'tier'>) {
  const fast = !TIERS.includes(tier) || (speed !== undefined && speed !== 'standard');
  const all: readonly Rates[] = Object.values(table.models).flatMap((price) => [
    price,
    price.longContext ?? price,
    (fast ? price.fast : undefined) ?? price,
  ]);
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

/** The most that the API charges for anything that a server tool does once. */
function dearestUse(table: PriceTable): Money {
  const search = parseMoney(table.webSearch);
  const hour = parseMoney(table.codeHour);
  return search > hour ? search : hour;
}

function geoFactor(table: PriceTable, geo: string | undefined) {
  if (geo === undefined || geo === '') return { by: ONE, known: true };
  if (Object.hasOwn(table.geo, geo)) return { by: parseMoney(table.geo[geo] ?? '1'), known: true };
  const factors = Object.values(table.geo).map(parseMoney);
  return { by: factors.reduce((most, by) => (by > most ? by : most), ONE), known: false };
}

/** Each reply asks for the same few rates several times. */
const PER_TOKEN: Map<string, Money> = new Map();

function perToken(dollarsPerMillion: string): Money {
  const known = PER_TOKEN.get(dollarsPerMillion);
  if (known !== undefined) return known;
  const rate = parseMoney(dollarsPerMillion) / 1_000_000n;
  PER_TOKEN.set(dollarsPerMillion, rate);
  return rate;
}

/** Rounds up: a fraction of a picodollar is owed too. */
function multiply(amount: Money, factor: Money): Money {
  if (factor === ONE) return amount;
  return (amount * factor + ONE - 1n) / ONE;
}
