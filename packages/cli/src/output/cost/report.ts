import {
  formatMoney,
  formatParts,
  moneyText,
  shownName,
  type TokenCounts,
} from '@agentteam/contract';
import { addTokens, cacheHitRate, NO_TOKENS } from '@agentteam/ledger';
import stringWidth from 'string-width';

import { count } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { type Column, table } from '../terminal/table.ts';
import type { AgentCost } from './agent-cost.ts';

/** What an agent spent on a model. Unknown values are undefined and omitted from JSON. */
export interface CostLine {
  readonly agent: string;
  readonly model: string;
  /** Name of the credential that paid, for a team with several. */
  readonly credential: string | undefined;
  readonly replies: number | undefined;
  readonly tokens: TokenCounts | undefined;
  readonly webSearches: number | undefined;
  /** US dollars as exact decimal text. */
  readonly usd: string;
  /** Fraction of the team's cost, from 0 to 1. */
  readonly share: number;
  /** Fraction of the prompt tokens that were read from the cache, from 0 to 1. */
  readonly cacheHitRate: number | undefined;
  readonly unknownPrice: boolean;
  /** Number of replies that were charged at their highest possible cost, because it is not known. */
  readonly estimatedReplies: number | undefined;
}

export interface CostReport {
  readonly usd: string;
  readonly lines: readonly CostLine[];
}

export function costReport(rows: readonly AgentCost[]): CostReport {
  const total = rows.reduce((sum, { usd }) => sum + usd, 0n);
  return {
    usd: moneyText(total),
    lines: rows.map((row) => ({
      agent: shownName(row.agent),
      model: row.model,
      credential: row.credential,
      replies: row.replies,
      tokens: row.tokens,
      webSearches: row.webSearches,
      usd: moneyText(row.usd),
      share: total === 0n ? 0 : Number((row.usd * 1_000_000n) / total) / 1_000_000,
      cacheHitRate: row.tokens && cacheHitRate(row.tokens),
      unknownPrice: row.basis === 'unknown',
      estimatedReplies: row.estimated,
    })),
  };
}

const right = (title: string): Column => ({ title, align: 'right' });

/** How much space a table needs to show a column. The default is the most. */
type ShownIn = 'every table' | 'narrow tables';

const COLUMNS: readonly (Column & { readonly shownIn?: ShownIn })[] = [
  { title: 'AGENT', shownIn: 'every table' },
  { title: 'MODEL', shownIn: 'every table' },
  { title: 'CREDENTIAL', shownIn: 'every table' },
  { ...right('REPLIES'), shownIn: 'narrow tables' },
  right('INPUT'),
  { ...right('OUTPUT'), shownIn: 'narrow tables' },
  right('CACHE READ'),
  right('WRITE 5M'),
  right('WRITE 1H'),
  { ...right('COST'), shownIn: 'every table' },
  { ...right('SHARE'), shownIn: 'every table' },
  right('HITS'),
];

/**
 * Formats the report as a table with a total.
 * @param columns width of the terminal. A table that does not fit is printed with fewer columns.
 */
export function costTable(
  rows: readonly AgentCost[],
  columns: number = Infinity,
): readonly string[] {
  const cells = tableRows(rows);
  const isPaidByName = rows.some(({ credential }) => credential !== undefined);
  const tableOf = (shown: readonly (ShownIn | undefined)[]): readonly string[] => {
    const indexes = COLUMNS.flatMap(({ title, shownIn }, index) =>
      shown.includes(shownIn) && (title !== 'CREDENTIAL' || isPaidByName) ? [index] : [],
    );
    return table(
      indexes.flatMap((index) => COLUMNS[index] ?? []),
      cells.map((row) => indexes.map((index) => row[index] ?? '')),
    );
  };
  const fits = (lines: readonly string[]): boolean =>
    lines.every((line) => stringWidth(line) <= columns);
  const full = tableOf([undefined, 'narrow tables', 'every table']);
  if (fits(full)) return full;
  const narrow = tableOf(['narrow tables', 'every table']);
  return fits(narrow) ? narrow : tableOf(['every table']);
}

/** Explains the marks in a table of costs. */
export function costNotes(rows: readonly AgentCost[]): readonly string[] {
  const estimated = rows.reduce((sum, row) => sum + (row.estimated ?? 0), 0);
  return [
    ...(rows.some(({ basis }) => basis === 'unknown')
      ? [
          '* the price of this model, or of a feature that it used, is unknown: charged at the highest known price',
        ]
      : []),
    ...(estimated > 0
      ? [
          `~ includes ${estimated === 1 ? '1 reply' : `${count(estimated)} replies`} whose cost the API did not report: charged at the highest possible cost`,
        ]
      : []),
  ];
}

function tableRows(rows: readonly AgentCost[]): readonly (readonly string[])[] {
  const { lines } = costReport(rows);
  // `get` shows an agent's models and credentials together.
  const spent = formatParts(rows.map(({ agent, usd }) => ({ group: agent, amount: usd })));
  const total = rows.reduce((sum, { usd }) => sum + usd, 0n);
  const tokens = rows.reduce<TokenCounts | undefined>(
    (sum, row) => sum && row.tokens && addTokens(sum, row.tokens),
    NO_TOKENS,
  );
  const replies = rows.reduce<number | undefined>(
    (sum, row) => (sum === undefined || row.replies === undefined ? undefined : sum + row.replies),
    0,
  );
  return [
    ...lines.map((line, index) => [
      oneLine(line.agent),
      `${oneLine(line.model)}${line.unknownPrice ? ' *' : ''}${line.estimatedReplies ? ' ~' : ''}`,
      oneLine(line.credential ?? ''),
      ...figures(line.replies, line.tokens, spent[index] ?? '', line.share),
    ]),
    ['total', '', '', ...figures(replies, tokens, formatMoney(total), total === 0n ? 0 : 1)],
  ];
}

function figures(
  replies: number | undefined,
  tokens: TokenCounts | undefined,
  spent: string,
  share: number,
): string[] {
  return [
    known(replies, count),
    known(tokens?.input, count),
    known(tokens?.output, count),
    known(tokens?.cacheRead, count),
    known(tokens?.cacheWrite5m, count),
    known(tokens?.cacheWrite1h, count),
    spent,
    percent(share),
    known(tokens && cacheHitRate(tokens), percent),
  ];
}

function known(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? '–' : show(value);
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

/** Formats the report as CSV (RFC 4180) with a header line and exact amounts. */
export function costCsv(rows: readonly AgentCost[]): readonly string[] {
  const header =
    'agent,model,replies,input,output,cache_read,cache_write_5m,cache_write_1h,web_searches,usd,share,cache_hit_rate,unknown_price,estimated_replies,credential';
  const { lines } = costReport(rows);
  return [
    header,
    ...lines.map(({ tokens, ...line }) =>
      [
        csvText(line.agent),
        csvText(line.model),
        line.replies,
        tokens?.input,
        tokens?.output,
        tokens?.cacheRead,
        tokens?.cacheWrite5m,
        tokens?.cacheWrite1h,
        line.webSearches,
        line.usd,
        line.share,
        line.cacheHitRate,
        line.unknownPrice,
        line.estimatedReplies,
        csvText(line.credential ?? ''),
      ].join(','),
    ),
  ];
}

/** Escapes a cell. A spreadsheet would run a cell that begins with one of these characters as a formula. */
function csvText(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
