import stringWidth from 'string-width';
import type { Colors } from '../terminal/colors.ts';
import { fit, pad } from '../terminal/columns.ts';
import { clock, dollars, dollarsTogether } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { fitRows } from './fit-rows.ts';
import { type GateKeys, requestLines } from './request-lines.ts';
import type { AgentRow, RowState, StepRow, TeamView } from './team-view.ts';

/** A line as cells of plain text, before the widths of the columns are known. */
interface Line {
  readonly branch: string;
  readonly state: RowState;
  readonly cells: readonly string[];
  readonly detail: string;
  /** Follows the detail, which is cut before it: ` for 0:12`. */
  readonly duration?: string;
  /** Follows the duration. */
  readonly remark?: string;
}

/** Cells of a line from left to right. */
const CELLS = ['name', 'elapsed', 'tasks', 'usd', 'model'] as const;
/** A narrow terminal hides cells in this order. */
const HIDDEN_FIRST = ['model', 'tasks', 'elapsed', 'usd'] as const;
/** Cells that are less important than details. */
const FOR_DETAILS = new Set<(typeof CELLS)[number]>(['model', 'tasks', 'elapsed']);
const RIGHT = new Set<number>([CELLS.indexOf('elapsed'), CELLS.indexOf('usd')]);

/** Maximum size of a tree. */
export interface TreeSize {
  readonly columns: number;
  readonly rows: number;
}

/** Renders the live tree within the given size. */
export function renderTree(
  view: TeamView,
  { columns, rows }: TreeSize,
  colors: Colors,
  answers: GateKeys = 'none',
): string {
  const top = header(view, columns, colors);
  const gates = requestLines(view, columns, colors, answers);
  const notices = noticeLines(view, columns, colors);
  // Gates need the user, so they come first; notices give way to gates, and the tree to both.
  const below = [...notices.slice(0, Math.max(0, rows - gates.length - LEAST_TREE)), ...gates];
  const spent = dollarsTogether(view.agents.map(({ usd }) => usd));
  const { agents, after, more } = fitRows(view, rows - 1 - below.length);
  const lines = [
    ...agents.map((row, index) =>
      agentLine({ agents, after }, row, index, spending(row, view.agents, spent)),
    ),
    ...after.map((row, index) => stepLine(index === after.length - 1 ? '└─ ' : '├─ ', row)),
  ];
  const widths = CELLS.map((_, index) =>
    index === 0
      ? nameWidthOf(lines, columns)
      : Math.max(0, ...lines.map(({ cells }) => stringWidth(cells[index] ?? ''))),
  );
  const shown = shownCells(widths, columns, lines);
  return [
    top,
    ...lines.map((line) => renderLine(line, widths, shown, columns, colors)),
    ...(more === undefined ? [] : [colors.dim(fit(`   … ${more}`, columns))]),
    ...below,
  ]
    .slice(0, rows)
    .join('\n');
}

/** Lines reserved for the tree: the header, the lead and the summary of hidden rows. */
const LEAST_TREE = 3;

/** Columns of the team's name in the header. A longer name is cut before the cost is. */
const LEAST_NAME = 12;

function header(view: TeamView, columns: number, colors: Colors): string {
  const spent = view.limit ? `${dollars(view.usd)} of ${dollars(view.limit)}` : dollars(view.usd);
  const money = view.rehearsal ? `${spent} (rehearsal)` : spent;
  const rest = ['', view.phase, clock(view.elapsed), money].join(' '.repeat(GAP));
  const name = fit(oneLine(view.run), Math.max(LEAST_NAME, columns - stringWidth(rest)));
  return colors.bold(fit(`${name}${rest}`, columns));
}

function stepLine(branch: string, row: StepRow): Line {
  return {
    branch,
    state: row.state,
    cells: [oneLine(row.name), row.elapsed === undefined ? '' : clock(row.elapsed)],
    detail: oneLine(row.detail),
  };
}

function agentLine(
  view: Pick<TeamView, 'agents' | 'after'>,
  row: AgentRow,
  index: number,
  spent: string,
): Line {
  const lastChild = index === view.agents.length - 1;
  const trunk = view.after.length === 0 ? '   ' : '│  ';
  const leadBranch = view.after.length === 0 ? '└─ ' : '├─ ';
  const { completed, total } = row.tasks;
  const why = row.restartedFor === undefined ? '' : `: ${oneLine(row.restartedFor)}`;
  const waits = row.waiting === undefined ? '' : `waiting for the API: ${row.waiting.text}`;
  const activity = waits === '' ? row.activity : undefined;
  const restarts = row.restarts > 0 ? `restarted ${row.restarts}×${why}` : '';
  return {
    branch: index === 0 ? leadBranch : `${trunk}${lastChild ? '└─ ' : '├─ '}`,
    state: row.state,
    cells: [
      oneLine(row.name),
      row.elapsed === undefined ? '' : clock(row.elapsed),
      total === 0 ? '' : `${completed}/${total} tasks`,
      spent,
      oneLine(row.model),
    ],
    ...(activity === undefined
      ? {
          detail: [waits || oneLine(row.detail), restarts].filter((text) => text !== '').join(', '),
        }
      : {
          detail: oneLine(activity.text),
          duration: ` for ${clock(activity.elapsed)}`,
          remark: restarts === '' ? '' : `, ${restarts}`,
        }),
  };
}

/** @param all the rows of all agents, whose amounts in `texts` add up to the team's. */
function spending(row: AgentRow, all: readonly AgentRow[], texts: readonly string[]): string {
  const { usd, limit } = row;
  const spent = /[1-9]/.test(usd) ? (texts[all.indexOf(row)] ?? '') : '';
  return spent === '' || limit === undefined ? spent : `${spent} of ${dollars(limit)}`;
}

const GAP = 2;
const MARK = 2;
/** Columns of the longest branch, mark and name; long names leave two thirds of a line to the rest. */
const LONGEST_NAME = 40;
const SHORTEST_LONGEST_NAME = 24;

function nameWidthOf(lines: readonly Line[], columns: number): number {
  const longest = Math.min(LONGEST_NAME, Math.max(SHORTEST_LONGEST_NAME, Math.floor(columns / 3)));
  const widths = lines.map(
    ({ branch, cells }) => stringWidth(branch) + MARK + stringWidth(cells[0] ?? ''),
  );
  return Math.min(longest, Math.max(0, ...widths));
}

/** Columns that a detail needs to say something. */
const LEAST_DETAIL = 20;

/**
 * The indexes of the shown cells. The name is always shown. The model, the tasks and the elapsed time are hidden
 * when details would have too little space beside them.
 */
function shownCells(
  widths: readonly number[],
  columns: number,
  lines: readonly Line[],
): readonly number[] {
  const longest = Math.max(0, ...lines.map((line) => stringWidth(wholeDetail(line))));
  const space = longest === 0 ? 0 : GAP + Math.min(longest, LEAST_DETAIL);
  let shown: readonly number[] = CELLS.map((_, index) => index);
  for (const cell of HIDDEN_FIRST) {
    const room = FOR_DETAILS.has(cell) ? columns - space : columns;
    if (widthOf(widths, shown) <= room) break;
    shown = shown.filter((index) => CELLS[index] !== cell);
  }
  return shown;
}

function wholeDetail({ detail, duration = '', remark = '' }: Line): string {
  return `${detail}${duration}${remark}`;
}

function widthOf(widths: readonly number[], shown: readonly number[]): number {
  return shown.reduce((sum, index) => {
    const width = widths[index] ?? 0;
    return sum + (index === 0 || width === 0 ? width : GAP + width);
  }, 0);
}

function renderLine(
  line: Line,
  widths: readonly number[],
  shown: readonly number[],
  columns: number,
  colors: Colors,
): string {
  const nameWidth = Math.min(widths[0] ?? 0, columns);
  const room = Math.max(0, nameWidth - stringWidth(line.branch) - MARK);
  const name = pad(fit(line.cells[0] ?? '', room), room);
  const others = shown.slice(1).flatMap((index) => {
    const columnWidth = widths[index] ?? 0;
    if (columnWidth === 0) return [];
    return pad(line.cells[index] ?? '', columnWidth, RIGHT.has(index) ? 'left' : 'right');
  });
  const rest = others.map((cell) => ' '.repeat(GAP) + cell).join('');
  const used = stringWidth(line.branch) + MARK + room + stringWidth(rest);
  const detail = fitDetail(line, columns - used - GAP);
  const mark = MARKS[line.state];
  return `${colors.dim(line.branch)}${mark.color(colors)(mark.sign)} ${name}${colors.dim(rest)}${
    detail === '' ? '' : ' '.repeat(GAP) + detail
  }`.trimEnd();
}

/** Shortens a detail. Its duration is kept, if there is space for a few characters before it. */
function fitDetail({ detail, duration = '', remark = '' }: Line, columns: number): string {
  const room = columns - stringWidth(duration);
  if (duration === '' || room < LEAST_BEFORE_DURATION) return fit(detail, columns);
  return stringWidth(detail) > room
    ? `${fit(detail, room)}${duration}`
    : fit(`${detail}${duration}${remark}`, columns);
}

const LEAST_BEFORE_DURATION = 8;

/** Maximum number of notices, so that the tree stays on the screen. */
const MAX_NOTICES = 3;

function noticeLines(
  { notices, reference }: TeamView,
  columns: number,
  colors: Colors,
): readonly string[] {
  const shown = notices.slice(0, MAX_NOTICES).map(({ message }) => oneLine(message));
  const more = notices.length - shown.length;
  const lines = more > 0 ? [...shown, `${more} more: agentteam get ${reference}`] : shown;
  return lines.map((line) => colors.yellow(fit(`! ${line}`, columns)));
}

const MARKS: Readonly<
  Record<RowState, { readonly sign: string; readonly color: (c: Colors) => Colors['red'] }>
> = {
  waiting: { sign: '○', color: (c) => c.dim },
  running: { sign: '●', color: (c) => c.cyan },
  asking: { sign: '◆', color: (c) => c.yellow },
  done: { sign: '✓', color: (c) => c.green },
  failed: { sign: '✗', color: (c) => c.red },
  skipped: { sign: '–', color: (c) => c.dim },
};
