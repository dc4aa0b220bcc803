import type { TokenCounts } from '@agentteam/contract';
import {
  addTokens,
  type LedgerEntry,
  type Money,
  moneyText,
  spentBy,
  tokensOf,
} from '@agentteam/ledger';
import { type CostPoint, MOST_COST_POINTS } from './detail.ts';

const NONE: TokenCounts = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

/**
 * Adds up what each agent had spent after each of its replies. If there are more replies than
 * {@link MOST_COST_POINTS}, points are left out evenly; the last point of each agent stays.
 */
export function costPoints(entries: readonly LedgerEntry[]): readonly CostPoint[] {
  const sums = new Map<string, { readonly usd: Money; readonly tokens: TokenCounts }>();
  const points = entries
    .filter(({ state }) => state !== 'open')
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((entry): CostPoint => {
      const { agent, at } = entry;
      const before = sums.get(agent) ?? { usd: 0n, tokens: NONE };
      const usd = before.usd + spentBy(entry);
      const tokens = addTokens(before.tokens, tokensOf(entry));
      sums.set(agent, { usd, tokens });
      return { at, agent, usd: moneyText(usd), tokens };
    });
  return thinned(points);
}

function thinned(points: readonly CostPoint[]): readonly CostPoint[] {
  if (points.length <= MOST_COST_POINTS) return points;
  const last = new Set(new Map(points.map((point) => [point.agent, point])).values());
  const step = points.length / Math.max(1, MOST_COST_POINTS - last.size);
  let next = 0;
  return points.filter((point, index) => {
    if (index < next) return last.has(point);
    next += step;
    return true;
  });
}
