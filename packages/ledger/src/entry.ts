import { type Money, parseMoney, type TokenCounts } from '@agentteam/contract';
import { NO_TOKENS, type PriceBasis, TOKEN_CLASSES } from './price-reply.ts';

/**
 * The state of a request. Each change is a new line, so that a killed gateway leaves behind what it
 * knew. Of the lines with the same `id`, only the one with the latest state counts.
 * `open`: about to be sent. `streaming`: the API has reported usage, or more output was streamed.
 * `done`: ended. `lost`: the gateway was killed, and the most that the request can have cost is charged.
 */
export const ENTRY_STATES = ['open', 'streaming', 'lost', 'done'] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

export interface Charge {
  readonly tokens: TokenCounts;
  /** US dollars as decimal text. */
  readonly usd: string;
}

/** A line of a ledger. */
export interface LedgerEntry {
  readonly v: 1;
  /**
   * Made by the gateway, one for each request that it sends. The API's own id is not unique: a replayed
   * recording repeats it.
   */
  readonly id: string;
  readonly state: EntryState;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly team: string;
  readonly agent: string;
  readonly session?: string;
  /** `request-id` of the reply, for Anthropic's support. */
  readonly requestId?: string;
  /** The model that the reply names, or the request if there was no reply. */
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  /** US dollars as decimal text. Before the last line, the cost reported so far. */
  readonly usd: string;
  readonly basis: PriceBasis;
  /** The most that an `open` or `streaming` request can cost: its charge if no further line follows. */
  readonly ifLost?: Charge;
  /** The part of `tokens` and `usd` that belongs to other models: advisors and fallbacks. */
  readonly others?: readonly (Charge & { readonly model: string })[];
  /** Fields of `usage` without a known price. Their counts are charged at the highest price. */
  readonly unknownUsage?: readonly string[];
  /** Milliseconds to the reply's first byte. */
  readonly ttftMs?: number;
  /** Milliseconds to the reply's end. */
  readonly ms?: number;
  /** HTTP status; 0 when there was no reply. */
  readonly status: number;
  /** Set when the API did not report the whole cost, so that the most it can be is charged. */
  readonly cut?: true;
  /** Name of the credential in the team's `auth.credentials` that paid. Absent if the team has no such list. */
  readonly credential?: string;
  /** Successful calls of SendMessage that this request is the first to report. */
  readonly messagesSent: number;
}

export function formatEntry(entry: LedgerEntry): string {
  return JSON.stringify(entry);
}

/**
 * @returns `undefined` when the line is not an entry. An entry that follows an incomplete one on the
 *   same line is found.
 */
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

/** Whether the request has ended, or its gateway was killed. */
export function isSettled({ state }: LedgerEntry): boolean {
  return state === 'done' || state === 'lost';
}

/** Whether the charge is an estimate: the API did not report the cost, or a price is unknown. */
export function isEstimated(entry: LedgerEntry): boolean {
  return isSettled(entry) && (entry.cut === true || entry.unknownUsage !== undefined);
}

/** The final entry of a request whose gateway was killed. */
export function asLost(entry: LedgerEntry): LedgerEntry {
  if (isSettled(entry)) return entry;
  const { ifLost, ...known } = entry;
  return { ...known, ...ifLost, state: 'lost', cut: true };
}

/** The known cost of an entry. An open request has none. */
export function spentBy(entry: LedgerEntry): Money {
  return entry.state === 'open' ? 0n : parseMoney(entry.usd);
}

export function tokensOf(entry: LedgerEntry): TokenCounts {
  return entry.state === 'open' ? NO_TOKENS : entry.tokens;
}

/** Whether `next` replaces `known`, which has the same id. */
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
    (entry['credential'] === undefined || typeof entry['credential'] === 'string') &&
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
