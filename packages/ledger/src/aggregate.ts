import { type Money, parseMoney, type TokenCounts } from '@agentteam/contract';
import { isEstimated, type LedgerEntry, spentBy, tokensOf } from './entry.ts';
import { addTokens } from './ledger-totals.ts';
import type { PriceBasis } from './price-reply.ts';

/** What one agent spent on one model, with one credential. */
export interface CostRow {
  readonly agent: string;
  readonly model: string;
  /** See {@link LedgerEntry.credential}. */
  readonly credential?: string;
  readonly replies: number;
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  readonly usd: Money;
  /** `unknown` if the price of any part is unknown. */
  readonly basis: PriceBasis;
  /** Replies whose charge is an estimate: see {@link isEstimated}. */
  readonly estimated: number;
}

/**
 * Adds up the costs by agent, model and credential, the most expensive first. Requests without a cost
 * are left out.
 * The costs of advisors and fallback models are in the rows of their own models, which count no replies
 * for them.
 */
export function aggregate(entries: readonly LedgerEntry[]): readonly CostRow[] {
  const rows = new Map<string, CostRow>();
  const add = (more: CostRow) => {
    const key = JSON.stringify([more.agent, more.model, more.credential]);
    const row = rows.get(key);
    rows.set(key, row === undefined ? more : sumOf(row, more));
  };
  for (const entry of entries) {
    const usd = spentBy(entry);
    if (entry.state === 'open' || (entry.status >= 400 && usd === 0n)) continue;
    const others = (entry.others ?? []).map((other) => ({ ...other, usd: parseMoney(other.usd) }));
    const paid = entry.credential === undefined ? {} : { credential: entry.credential };
    add({
      agent: entry.agent,
      model: entry.model,
      ...paid,
      replies: 1,
      tokens: others.reduce((rest, other) => addTokens(rest, other.tokens, -1), tokensOf(entry)),
      webSearches: entry.webSearches,
      usd: others.reduce((rest, other) => rest - other.usd, usd),
      basis: entry.basis,
      estimated: isEstimated(entry) || entry.state === 'streaming' ? 1 : 0,
    });
    for (const { model, tokens, usd: its } of others) {
      const own = { agent: entry.agent, ...paid, basis: entry.basis, webSearches: 0 };
      add({ ...own, model, tokens, usd: its, replies: 0, estimated: 0 });
    }
  }
  return [...rows.values()].sort(
    (a, b) =>
      Number(b.usd > a.usd) - Number(b.usd < a.usd) ||
      a.agent.localeCompare(b.agent) ||
      a.model.localeCompare(b.model) ||
      (a.credential ?? '').localeCompare(b.credential ?? ''),
  );
}

function sumOf(row: CostRow, more: CostRow): CostRow {
  return {
    ...row,
    replies: row.replies + more.replies,
    tokens: addTokens(row.tokens, more.tokens),
    webSearches: row.webSearches + more.webSearches,
    usd: row.usd + more.usd,
    basis: row.basis === 'unknown' ? 'unknown' : more.basis,
    estimated: row.estimated + more.estimated,
  };
}

/** The share of prompt tokens that came from the cache, from 0 to 1. */
export function cacheHitRate(tokens: TokenCounts): number {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  return prompt === 0 ? 0 : tokens.cacheRead / prompt;
}
