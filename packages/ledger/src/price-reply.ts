import { type Money, parseMoney, type TokenCounts } from '@agentteam/contract';
import { findPrice, type PriceTable, type Rates } from './price-table.ts';

/** The tokens of one pass of a model. A reply may take several passes. */
export interface Pass {
  /** Absent for the reply's own model; empty for another model that the API did not name. */
  readonly model?: string;
  readonly tokens: TokenCounts;
}

/** The usage that the API reported for a reply. */
export interface ReplyUsage {
  /** Tokens of all passes. */
  readonly tokens: TokenCounts;
  /** Present if there were several: for server tools, compaction, an advisor or a fallback model. */
  readonly passes?: readonly Pass[];
  readonly webSearches: number;
  /** Seconds for which the API's code execution ran. */
  readonly codeSeconds?: number;
  /** Sum of the counts in fields of `usage` without a known price. */
  readonly unknownTokens?: number;
  /** Sum of the counts of server tool uses without a known price. */
  readonly unknownUses?: number;
  /** For example `fast`, if the API reported it. */
  readonly speed?: string;
  /** Location of inference, if the API reported it. */
  readonly geo?: string;
  /** Whether the account may have chosen the location, because neither the request nor the API named one. */
  readonly isPlaceOpen?: boolean;
  /** Whether a cloud answered in a chosen region or geography, which it may charge more for. */
  readonly isRegional?: boolean;
  /** `standard`, `priority` or `batch`, if the API reported it. */
  readonly tier?: string;
}

/**
 * `list`: everything in the reply has a known price. `unknown`: a model, a speed or a field of `usage`
 * has none, and was charged at the highest price that it can have.
 */
export type PriceBasis = 'list' | 'unknown';

export interface Price {
  readonly usd: Money;
  readonly basis: PriceBasis;
  /** The parts of `usd` that belong to other models than the reply's. */
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

/** Service tiers that cost at most the list price. Priority capacity is paid for in advance. */
const TIERS: readonly (string | undefined)[] = [undefined, 'standard', 'priority', 'batch'];
const SPEEDS: readonly (string | undefined)[] = [undefined, 'standard', 'fast'];

/**
 * Computes the price of a reply.
 * @param models names of the model, the most specific first.
 */
export function priceReply(table: PriceTable, models: readonly string[], usage: ReplyUsage): Price {
  const factor = geoFactor(table, usage);
  let basis: PriceBasis = factor.known ? 'list' : 'unknown';
  let usd = 0n;
  const others = new Map<string, ModelCost>();
  for (const { model, tokens } of usage.passes ?? [{ tokens: usage.tokens }]) {
    const names = model === undefined ? models : [model];
    const rates = ratesFor(table, names, tokens, usage);
    if (rates === undefined) basis = 'unknown';
    const own = costOf(tokens, rates ?? highestRates(table, usage));
    const cost = multiply(multiply(own, factor.by), regionalFactor(table, names, usage));
    usd += cost;
    if (model === undefined || model === models[0]) continue;
    const known = others.get(model) ?? { model, tokens: NO_TOKENS, usd: 0n };
    others.set(model, { model, tokens: sumTokens(known.tokens, tokens), usd: known.usd + cost });
  }
  const { unknownTokens = 0, unknownUses = 0, codeSeconds = 0 } = usage;
  if (unknownTokens > 0 || unknownUses > 0) {
    basis = 'unknown';
    usd += BigInt(unknownTokens) * perToken(highestRates(table, { speed: 'fast' }).output);
    usd += BigInt(unknownUses) * highestUse(table);
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

/** @returns `undefined` when no price is known. */
function ratesFor(
  table: PriceTable,
  models: readonly string[],
  tokens: TokenCounts,
  { speed, tier }: ReplyUsage,
): Rates | undefined {
  if (!TIERS.includes(tier) || !SPEEDS.includes(speed)) return undefined;
  const price = priceOf(table, models);
  if (price === undefined) return undefined;
  // Only models with a price for fast replies support them.
  if (speed === 'fast' && price.fast) return price.fast;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h } = tokens;
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite1h;
  const long = price.longContext;
  return long !== undefined && prompt > long.abovePromptTokens ? long : price;
}

/**
 * Tries the names in turn. The name of a custom deployment may be unknown, while the request's name is
 * not. The search ends at an unknown name of a Claude model.
 */
function priceOf(table: PriceTable, models: readonly string[]) {
  for (const model of models) {
    const price = findPrice(table, model);
    if (price !== undefined || /claude/i.test(model)) return price;
  }
  return undefined;
}

/**
 * The highest rate of each token class over all models, including those for long prompts, and those for
 * fast replies if the reply may be one.
 */
function highestRates(table: PriceTable, { speed, tier }: Pick<ReplyUsage, 'speed' | 'tier'>) {
  const fast = !TIERS.includes(tier) || (speed !== undefined && speed !== 'standard');
  const all: readonly Rates[] = Object.values(table.models).flatMap((price) => [
    price,
    price.longContext ?? price,
    (fast ? price.fast : undefined) ?? price,
  ]);
  const highest = (name: keyof TokenCounts) =>
    all.reduce((max, rates) => (perToken(rates[name]) > perToken(max) ? rates[name] : max), '0');
  return {
    input: highest('input'),
    output: highest('output'),
    cacheRead: highest('cacheRead'),
    cacheWrite5m: highest('cacheWrite5m'),
    cacheWrite1h: highest('cacheWrite1h'),
  };
}

/** The highest price for one use of a server tool. */
function highestUse(table: PriceTable): Money {
  const search = parseMoney(table.webSearch);
  const hour = parseMoney(table.codeHour);
  return search > hour ? search : hour;
}

function regionalFactor(
  table: PriceTable,
  models: readonly string[],
  { isRegional = false }: ReplyUsage,
): Money {
  if (!isRegional) return ONE;
  return parseMoney(priceOf(table, models)?.regional ?? table.regional);
}

function geoFactor(table: PriceTable, { geo = '', isPlaceOpen = false }: ReplyUsage) {
  if (geo === '' && !isPlaceOpen) return { by: ONE, known: true };
  if (Object.hasOwn(table.geo, geo)) return { by: parseMoney(table.geo[geo] ?? '1'), known: true };
  const factors = Object.values(table.geo).map(parseMoney);
  return { by: factors.reduce((most, by) => (by > most ? by : most), ONE), known: isPlaceOpen };
}

/** A cache: each reply needs the same few rates several times. */
const PER_TOKEN: Map<string, Money> = new Map();

function perToken(dollarsPerMillion: string): Money {
  const known = PER_TOKEN.get(dollarsPerMillion);
  if (known !== undefined) return known;
  const rate = parseMoney(dollarsPerMillion) / 1_000_000n;
  PER_TOKEN.set(dollarsPerMillion, rate);
  return rate;
}

/** Rounds up to a whole picodollar. */
function multiply(amount: Money, factor: Money): Money {
  if (factor === ONE) return amount;
  return (amount * factor + ONE - 1n) / ONE;
}
