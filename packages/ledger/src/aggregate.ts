import type { TokenCounts } from '@agentteam/contract';
import { type LedgerEntry, spentBy, tokensOf } from './entry.ts';
import { addTokens } from './ledger-totals.ts';
import type { Money } from './money.ts';
import { NO_TOKENS, type PriceBasis } from './price-reply.ts';

/** What one agent spent on one model. */
export interface CostRow {
  readonly agent: string;
  readonly model: string;
  readonly replies: number;
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  readonly usd: Money;
  /** `unknown` if any of it was. */
  readonly basis: PriceBasis;
  /** Replies that were cut, or whose gateway was killed: part of their cost is an estimate. */
  readonly estimated: number;
}

/** Sums per agent and model, the dearest first; requests that came to nothing are left out. */
export function aggregate(entries: readonly LedgerEntry[]): readonly CostRow[] {
  const rows = new Map<string, CostRow>();
  for (const entry of entries) {
    const usd = spentBy(entry);
    if (entry.state === 'open' || (entry.status >= 400 && usd === 0n)) continue;
    const key = JSON.stringify([entry.agent, entry.model]);
    const row = rows.get(key);
    rows.set(key, {
      agent: entry.agent,
      model: entry.model,
      replies: (row?.replies ?? 0) + 1,
      tokens: addTokens(row?.tokens ?? NO_TOKENS, tokensOf(entry)),
      webSearches: (row?.webSearches ?? 0) + entry.webSearches,
      usd: (row?.usd ?? 0n) + usd,
      basis: row?.basis === 'unknown' ? 'unknown' : entry.basis,
      estimated: (row?.estimated ?? 0) + (entry.cut || entry.state !== 'done' ? 1 : 0),
    });
  }
  return [...rows.values()].sort(
    (a, b) =>
      Number(b.usd > a.usd) - Number(b.usd < a.usd) ||
      a.agent.localeCompare(b.agent) ||
      a.model.localeCompare(b.model),
  );
}

/** The part of all prompt tokens that came from the cache, 0 to 1. */
export function cacheHitRate(tokens: TokenCounts): number {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  return prompt === 0 ? 0 : tokens.cacheRead / prompt;
}
