import type { TokenCounts } from '@agentteam/contract';
import { type Money, parseMoney } from './money.ts';
import { NO_TOKENS, type PriceBasis, TOKEN_CLASSES } from './price-reply.ts';

/**
 * How far a reply has come. Each step is a line of its own, so that a gateway killed at any instant
 * leaves behind what it knew; of the lines with one `id` the furthest counts, and counts once.
 * `open`: about to be sent. `streaming`: the API has reported what it read, or more was streamed.
 * `done`: ended. `lost`: its gateway was killed on the way; `usd` is an estimate.
 */
export const ENTRY_STATES = ['open', 'streaming', 'lost', 'done'] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

/** One line of a ledger. */
export interface LedgerEntry {
  readonly v: 1;
  /** Ours, one per request sent upstream. The API's own id is of no use to tell requests apart: a
   * replayed recording repeats it. */
  readonly id: string;
  readonly state: EntryState;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly team: string;
  readonly agent: string;
  readonly session?: string;
  /** `request-id` of the reply, for Anthropic's support. */
  readonly requestId?: string;
  /** As the reply names it, or the request where there was no reply. */
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  /** Dollars as decimal text. Of an `open` line: what it will have cost if nothing more is heard. */
  readonly usd: string;
  readonly basis: PriceBasis;
  /** Milliseconds to the reply's first byte, and to its end. */
  readonly ttftMs?: number;
  readonly ms?: number;
  /** HTTP status; 0 when the connection broke before there was one. */
  readonly status: number;
  /** The reply ended before its end: output is at least what was reported, and estimated from what
   * was streamed where that is more. */
  readonly cut?: true;
  /** While it streams: output tokens so far by estimate, of which `tokens` and `usd` know nothing yet. */
  readonly streamedOutput?: number;
  /** SendMessage calls in the reply. */
  readonly messagesSent: number;
}

export function formatEntry(entry: LedgerEntry): string {
  return JSON.stringify(entry);
}

/** @returns `undefined` for a line that is not an entry. A line that a torn one runs into is found. */
export function parseEntry(line: string): LedgerEntry | undefined {
  const start = line.lastIndexOf('{"v":1,');
  if (start < 0) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(start));
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What an entry counts for. An open request has cost nothing that is known. */
export function spentBy(entry: LedgerEntry): Money {
  return entry.state === 'open' ? 0n : parseMoney(entry.usd);
}

export function tokensOf(entry: LedgerEntry): TokenCounts {
  return entry.state === 'open' ? NO_TOKENS : entry.tokens;
}

/** Whether `next` takes the place of `known`, both having the same id. */
export function supersedes(next: LedgerEntry, known: LedgerEntry): boolean {
  const rank = (entry: LedgerEntry) => ENTRY_STATES.indexOf(entry.state);
  if (next.state === 'streaming' && known.state === 'streaming') {
    return parseMoney(next.usd) >= parseMoney(known.usd);
  }
  return rank(next) > rank(known);
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  return (
    ['id', 'at', 'team', 'agent', 'model', 'basis'].every(
      (name) => typeof entry[name] === 'string',
    ) &&
    ENTRY_STATES.some((state) => state === entry['state']) &&
    ['webSearches', 'status', 'messagesSent'].every((name) => isCount(entry[name])) &&
    typeof entry['usd'] === 'string' &&
    /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(entry['usd']) &&
    typeof entry['tokens'] === 'object' &&
    entry['tokens'] !== null &&
    TOKEN_CLASSES.every((name) => isCount((entry['tokens'] as Record<string, unknown>)[name]))
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
