import type { TokenCounts } from '@agentteam/contract';
import { type Money, parseMoney } from './money.ts';
import { NO_TOKENS, type PriceBasis, TOKEN_CLASSES } from './price-reply.ts';

/**
 * How far a reply has come. Each step is a line of its own, so that a gateway killed at any instant
 * leaves behind what it knew; of the lines with one `id` the furthest counts, and counts once.
 * `open`: about to be sent. `streaming`: the API has reported what it read, or more was streamed.
 * `done`: ended. `lost`: its gateway was killed on the way; it is charged at its dearest outcome.
 */
export const ENTRY_STATES = ['open', 'streaming', 'lost', 'done'] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

export interface Charge {
  readonly tokens: TokenCounts;
  /** Dollars as decimal text. */
  readonly usd: string;
}

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
  /** Dollars as decimal text; of a line that is not the last, what has been reported so far. */
  readonly usd: string;
  readonly basis: PriceBasis;
  /** The dearest outcome of an `open` or `streaming` reply: its charge if nothing more is heard. */
  readonly ifLost?: Charge;
  /** What of `tokens` and `usd` other models account for: an advisor, a fallback. */
  readonly others?: readonly (Charge & { readonly model: string })[];
  /** Fields of `usage` without a known price; their counts are charged at the dearest. */
  readonly unknownUsage?: readonly string[];
  /** Milliseconds to the reply's first byte, and to its end. */
  readonly ttftMs?: number;
  readonly ms?: number;
  /** HTTP status; 0 when the connection broke before there was one. */
  readonly status: number;
  /** The API never said what the whole reply cost: this is its dearest outcome, an estimate. */
  readonly cut?: true;
  /** Calls of SendMessage that succeeded, as the request told for the first time. */
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

/** Whether the reply has come to an end, or was given up. */
export function isSettled({ state }: LedgerEntry): boolean {
  return state === 'done' || state === 'lost';
}

/** Whether an ended reply is charged at its dearest outcome, or for usage without a known price. */
export function isEstimated(entry: LedgerEntry): boolean {
  return isSettled(entry) && (entry.cut === true || entry.unknownUsage !== undefined);
}

/** The entry of a reply whose gateway has gone: nothing more will be heard of it. */
export function asLost(entry: LedgerEntry): LedgerEntry {
  if (isSettled(entry)) return entry;
  const { ifLost, ...known } = entry;
  return { ...known, ...ifLost, state: 'lost', cut: true };
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
    isCharge(entry) &&
    (entry['ifLost'] === undefined || isCharge(entry['ifLost'])) &&
    (entry['others'] === undefined ||
      (Array.isArray(entry['others']) && entry['others'].every(isModelCharge)))
  );
}

function isCharge(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { usd, tokens } = value as Record<string, unknown>;
  return (
    typeof usd === 'string' &&
    /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(usd) &&
    typeof tokens === 'object' &&
    tokens !== null &&
    TOKEN_CLASSES.every((name) => isCount((tokens as Record<string, unknown>)[name]))
  );
}

function isModelCharge(value: unknown): boolean {
  return isCharge(value) && typeof (value as Record<string, unknown>)['model'] === 'string';
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
