import { type Money, moneyText, type TokenCounts } from '@agentteam/contract';
import {
  addCosts,
  addTokens,
  type ClassCosts,
  costsByClass,
  type LedgerEntry,
  NO_COSTS,
  NO_TOKENS,
  spentBy,
  tokensOf,
} from '@agentteam/ledger';
import { type CostPoint, MOST_COST_POINTS } from '../detail.ts';

interface Sums {
  readonly usd: Money;
  readonly classes: ClassCosts;
  readonly tokens: TokenCounts;
}

const NONE: Sums = { usd: 0n, classes: NO_COSTS, tokens: NO_TOKENS };

/** Adds up what each agent had spent after each of its replies, within {@link MOST_COST_POINTS}. */
export function costPoints(entries: readonly LedgerEntry[]): readonly CostPoint[] {
  const sums = new Map<string, Sums>();
  const points = entries
    .filter(({ state }) => state !== 'open')
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((entry) => {
      const { agent, at } = entry;
      const before = sums.get(agent) ?? NONE;
      const after = {
        usd: before.usd + spentBy(entry),
        classes: addCosts(before.classes, costsByClass(entry)),
        tokens: addTokens(before.tokens, tokensOf(entry)),
      };
      sums.set(agent, after);
      return { at, agent, ...after };
    });
  return thinned(points).map(({ at, agent, usd, classes, tokens }) => ({
    at,
    agent,
    usd: moneyText(usd),
    usdByClass: {
      input: moneyText(classes.input),
      output: moneyText(classes.output),
      cacheRead: moneyText(classes.cacheRead),
      cacheWrite: moneyText(classes.cacheWrite),
      other: moneyText(classes.other),
    },
    tokens,
  }));
}

/**
 * Keeps the last point of each agent in each interval. The intervals begin at round times and double until the
 * points are few enough, so that the points of a running team mostly stay the same.
 */
function thinned<T extends Pick<CostPoint, 'at' | 'agent'>>(points: readonly T[]): readonly T[] {
  let kept = points;
  for (let interval = 1000; kept.length > MOST_COST_POINTS; interval *= 2) {
    const last = new Map<string, T>();
    for (const point of kept) {
      const key = `${Math.floor(Date.parse(point.at) / interval)} ${point.agent}`;
      last.set(key, point);
    }
    const chosen = new Set(last.values());
    kept = kept.filter((point) => chosen.has(point));
    if (interval > LONGEST_INTERVAL_MS) return kept.slice(-MOST_COST_POINTS);
  }
  return kept;
}

/** Longer than any team runs. */
const LONGEST_INTERVAL_MS = 31_536_000_000;
