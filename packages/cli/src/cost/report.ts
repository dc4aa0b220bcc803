import type { TokenCounts } from '@agentteam/contract';
import { addTokens, type CostRow, cacheHitRate, formatMoney, moneyText } from '@agentteam/ledger';
import { count } from '../terminal/quantities.ts';
import { type Column, table } from '../terminal/table.ts';
import { oneLine, width } from '../terminal/text.ts';

/** A line of the cost report: what an agent spent on a model. `usd` is exact decimal text. */
export interface CostLine {
  readonly agent: string;
  readonly model: string;
  readonly replies: number;
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  readonly usd: string;
  /** Part of the team's cost, 0 to 1. */
  readonly share: number;
  /** Part of prompt tokens read from the cache, 0 to 1. */
  readonly cacheHitRate: number;
  readonly unknownPrice: boolean;
  /** Replies of which part of the cost is an estimate, because they were cut. */
  readonly estimatedReplies: number;
}

export interface CostReport {
  readonly usd: string;
  readonly lines: readonly CostLine[];
}

export function costReport(rows: readonly CostRow[]): CostReport {
  const total = rows.reduce((sum, { usd }) => sum + usd, 0n);
  return {
    usd: moneyText(total),
    lines: rows.map((row) => ({
      agent: row.agent,
      model: row.model,
      replies: row.replies,
      tokens: row.tokens,
      webSearches: row.webSearches,
      usd: moneyText(row.usd),
      share: total === 0n ? 0 : Number((row.usd * 1_000_000n) / total) / 1_000_000,
      cacheHitRate: cacheHitRate(row.tokens),
      unknownPrice: row.basis === 'unknown',
      estimatedReplies: row.estimated,
    })),
  };
}

const right = (title: string): Column => ({ title, align: 'right' });

/** Columns with their place in a whole row; a narrow table has those that say most. */
const COLUMNS: readonly (Column & { readonly narrow?: true })[] = [
  { title: 'AGENT', narrow: true },
  { title: 'MODEL', narrow: true },
  { ...right('REPLIES'), narrow: true },
  right('INPUT'),
  { ...right('OUTPUT'), narrow: true },
  right('CACHE READ'),
  right('WRITE 5M'),
  right('WRITE 1H'),
  { ...right('COST'), narrow: true },
  { ...right('SHARE'), narrow: true },
  right('HITS'),
];

/**
 * The report as a table with a sum at the end.
 * @param columns width of the terminal: a table that is wider goes without its finer columns.
 */
export function costTable(rows: readonly CostRow[], columns: number = Infinity): readonly string[] {
  const cells = tableRows(rows);
  const whole = table(COLUMNS, cells);
  if (whole.every((line) => width(line) <= columns)) return whole;
  const narrow = COLUMNS.flatMap((column, index) => (column.narrow ? [index] : []));
  return table(
    COLUMNS.filter((column) => column.narrow),
    cells.map((row) => narrow.map((index) => row[index] ?? '')),
  );
}

function tableRows(rows: readonly CostRow[]): readonly (readonly string[])[] {
  const { lines } = costReport(rows);
  const total = rows.reduce((sum, { usd }) => sum + usd, 0n);
  const tokens = rows.reduce((sum, row) => addTokens(sum, row.tokens), NO_TOKENS);
  const replies = rows.reduce((sum, row) => sum + row.replies, 0);
  return [
    ...lines.map((line, index) => [
      oneLine(line.agent),
      `${oneLine(line.model)}${line.unknownPrice ? ' *' : ''}`,
      ...figures(line.replies, line.tokens, rows[index]?.usd ?? 0n, line.share),
    ]),
    ['total', '', ...figures(replies, tokens, total, total === 0n ? 0 : 1)],
  ];
}

const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

function figures(replies: number, tokens: TokenCounts, usd: bigint, share: number): string[] {
  return [
    count(replies),
    count(tokens.input),
    count(tokens.output),
    count(tokens.cacheRead),
    count(tokens.cacheWrite5m),
    count(tokens.cacheWrite1h),
    formatMoney(usd),
    percent(share),
    percent(cacheHitRate(tokens)),
  ];
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

/** The report as CSV (RFC 4180) with a header line, money exact. */
export function costCsv(rows: readonly CostRow[]): readonly string[] {
  const header =
    'agent,model,replies,input,output,cache_read,cache_write_5m,cache_write_1h,web_searches,usd,share,cache_hit_rate,unknown_price';
  const { lines } = costReport(rows);
  return [
    header,
    ...lines.map(({ tokens, ...line }) =>
      [
        csvText(line.agent),
        csvText(line.model),
        line.replies,
        tokens.input,
        tokens.output,
        tokens.cacheRead,
        tokens.cacheWrite5m,
        tokens.cacheWrite1h,
        line.webSearches,
        line.usd,
        line.share,
        line.cacheHitRate,
        line.unknownPrice,
      ].join(','),
    ),
  ];
}

/** A spreadsheet takes a cell that begins with one of these as a formula. */
function csvText(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
