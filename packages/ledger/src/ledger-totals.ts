import type { Money, TokenCounts } from '@agentteam/contract';
import { isEstimated, type LedgerEntry, spentBy, tokensOf } from './entry.ts';
import { NO_TOKENS } from './price-reply.ts';

export interface Spent {
  readonly usd: Money;
  readonly tokens: TokenCounts;
  readonly messagesSent: number;
  /** Replies whose charge is an estimate: see {@link isEstimated}. */
  readonly estimated: number;
}

const NOTHING: Spent = { usd: 0n, tokens: NO_TOKENS, messagesSent: 0, estimated: 0 };

/** Running totals of a team's ledgers. */
export class LedgerTotals {
  #team: Spent = NOTHING;
  readonly #agents: Map<string, Spent> = new Map();
  readonly #credentials: Map<string, Money> = new Map();

  team(): Spent {
    return this.#team;
  }

  agent(name: string): Spent {
    return this.#agents.get(name) ?? NOTHING;
  }

  /** Names of the agents that have a ledger. */
  agents(): readonly string[] {
    return [...this.#agents.keys()];
  }

  /** What each credential of the team's list has paid. Empty for a team without a list. */
  credentials(): ReadonlyMap<string, Money> {
    return this.#credentials;
  }

  /** Counts an entry instead of an earlier one of the same request. */
  replace(earlier: LedgerEntry | undefined, entry: LedgerEntry): void {
    const before = earlier === undefined ? NOTHING : spentOf(earlier);
    const after = spentOf(entry);
    const change = (sum: Spent): Spent => add(subtract(sum, before), after);
    this.#team = change(this.#team);
    this.#agents.set(entry.agent, change(this.agent(entry.agent)));
    if (entry.credential === undefined) return;
    const paid = this.#credentials.get(entry.credential) ?? 0n;
    this.#credentials.set(entry.credential, paid - before.usd + after.usd);
  }
}

function spentOf(entry: LedgerEntry): Spent {
  return {
    usd: spentBy(entry),
    tokens: tokensOf(entry),
    messagesSent: entry.messagesSent,
    estimated: isEstimated(entry) ? 1 : 0,
  };
}

function add(a: Spent, b: Spent): Spent {
  return {
    usd: a.usd + b.usd,
    tokens: addTokens(a.tokens, b.tokens),
    messagesSent: a.messagesSent + b.messagesSent,
    estimated: a.estimated + b.estimated,
  };
}

function subtract(a: Spent, b: Spent): Spent {
  return {
    usd: a.usd - b.usd,
    tokens: addTokens(a.tokens, b.tokens, -1),
    messagesSent: a.messagesSent - b.messagesSent,
    estimated: a.estimated - b.estimated,
  };
}

/** @param sign -1 to subtract `b`. */
export function addTokens(a: TokenCounts, b: TokenCounts, sign: 1 | -1 = 1): TokenCounts {
  return {
    input: a.input + sign * b.input,
    output: a.output + sign * b.output,
    cacheRead: a.cacheRead + sign * b.cacheRead,
    cacheWrite5m: a.cacheWrite5m + sign * b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + sign * b.cacheWrite1h,
  };
}
