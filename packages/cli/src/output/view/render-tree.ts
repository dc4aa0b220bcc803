import type { Colors } from '../terminal/colors.ts';
import { fit, pad, width, wrap } from '../terminal/columns.ts';
import { clock, dollars } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { fitRows } from './fit-rows.ts';
import type { AgentRow, GateRow, RowState, StepRow, TeamView } from './team-view.ts';

/** A line as columns of plain text, before it is known how wide they may be. */
interface Line {
  readonly branch: string;
  readonly state: RowState;
  readonly cells: readonly string[];
  readonly detail: string;
}

/** Cells of a line by importance: on a narrow terminal the last are left out first. */
const CELLS = ['name', 'elapsed', 'tasks', 'usd', 'model'] as const;
const RIGHT = new Set<number>([CELLS.indexOf('elapsed'), CELLS.indexOf('usd')]);

/** What the keys of this terminal do at the gate on top. */
export type GateKeys = 'none' | 'ask' | 'confirm-reject';

/** How many columns and lines a tree may have. */
export interface TreeSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The live tree, no line wider and no more lines than there is room for.
 * @param answers whether keys of this terminal answer gates.
 */
export function renderTree(
  view: TeamView,
  { columns, rows }: TreeSize,
  colors: Colors,
  answers: GateKeys = 'none',
): string {
  const top = header(view, columns, colors);
  const gates = view.gates.flatMap((gate) => gateLines(view, gate, columns, colors, answers));
  const notices = noticeLines(view, columns, colors);
  // Gates are what a person is needed for: notices make room for them, and the tree for both.
  const below = [...notices.slice(0, Math.max(0, rows - gates.length - LEAST_TREE)), ...gates];
  const { agents, after, more } = fitRows(view, rows - 1 - below.length);
  const lines = [
    ...agents.map((row, index) => agentLine({ agents, after }, row, index)),
    ...after.map((row, index) => stepLine(index === after.length - 1 ? '└─ ' : '├─ ', row)),
  ];
  const widths = CELLS.map((_, index) =>
    Math.max(0, ...lines.map(({ branch, cells }) => cellWidth(branch, cells, index))),
  );
  const shown = cellsThatFit(widths, columns);
  return [
    top,
    ...lines.map((line) => renderLine(line, widths, shown, columns, colors)),
    ...(more === undefined ? [] : [colors.dim(fit(`   … ${more}`, columns))]),
    ...below,
  ]
    .slice(0, rows)
    .join('\n');
}

/** Lines that are kept for the tree: its head, the lead, and how many are not shown. */
const LEAST_TREE = 3;

function header(view: TeamView, columns: number, colors: Colors): string {
  const spent = view.limit ? `${dollars(view.usd)} of ${dollars(view.limit)}` : dollars(view.usd);
  const money = view.rehearsal ? `${spent} rehearsed` : spent;
  const text = fit([oneLine(view.run), view.phase, clock(view.elapsed), money].join('  '), columns);
  return colors.bold(text);
}

function stepLine(branch: string, row: StepRow): Line {
  return {
    branch,
    state: row.state,
    cells: [oneLine(row.name), row.elapsed === undefined ? '' : clock(row.elapsed)],
    detail: oneLine(row.detail),
  };
}

function agentLine(view: Pick<TeamView, 'agents' | 'after'>, row: AgentRow, index: number): Line {
  const lastChild = index === view.agents.length - 1;
  const trunk = view.after.length === 0 ? '   ' : '│  ';
  const leadBranch = view.after.length === 0 ? '└─ ' : '├─ ';
  const { completed, total } = row.tasks;
  const why = row.restartedFor === undefined ? '' : `: ${oneLine(row.restartedFor)}`;
  const waits = row.waiting === undefined ? '' : `waiting for the API: ${row.waiting.text}`;
  const restarts = row.restarts > 0 ? `restarted ${row.restarts}×${why}` : '';
  return {
    branch: index === 0 ? leadBranch : `${trunk}${lastChild ? '└─ ' : '├─ '}`,
    state: row.state,
    cells: [
      oneLine(row.name),
      row.elapsed === undefined ? '' : clock(row.elapsed),
      total === 0 ? '' : `${completed}/${total} tasks`,
      /[1-9]/.test(row.usd) ? dollars(row.usd) : '',
      oneLine(row.model),
    ],
    detail: [waits || oneLine(row.detail), restarts].filter((text) => text !== '').join(', '),
  };
}

const GAP = 2;
const MARK = 2;
const LONGEST_NAME = 40;

function cellWidth(branch: string, cells: readonly string[], index: number): number {
  const own = width(cells[index] ?? '');
  return index === 0 ? Math.min(LONGEST_NAME, width(branch) + MARK + own) : own;
}

/** How many of the columns go on a line of this width. The name always does. */
function cellsThatFit(widths: readonly number[], columns: number): number {
  let used = widths[0] ?? 0;
  let shown = 1;
  for (const next of widths.slice(1)) {
    used += next === 0 ? 0 : GAP + next;
    if (used > columns) break;
    shown += 1;
  }
  return shown;
}

function renderLine(
  line: Line,
  widths: readonly number[],
  shown: number,
  columns: number,
  colors: Colors,
): string {
  const nameWidth = Math.min(widths[0] ?? 0, columns);
  const room = Math.max(0, nameWidth - width(line.branch) - MARK);
  const name = pad(fit(line.cells[0] ?? '', room), room);
  const others = CELLS.slice(1, shown).flatMap((_, at) => {
    const index = at + 1;
    const columnWidth = widths[index] ?? 0;
    if (columnWidth === 0) return [];
    return pad(line.cells[index] ?? '', columnWidth, RIGHT.has(index) ? 'left' : 'right');
  });
  const rest = others.map((cell) => ' '.repeat(GAP) + cell).join('');
  const used = width(line.branch) + MARK + room + width(rest);
  const detail = line.detail === '' ? '' : fit(line.detail, columns - used - GAP);
  const mark = MARKS[line.state];
  return `${colors.dim(line.branch)}${mark.color(colors)(mark.sign)} ${name}${colors.dim(rest)}${
    detail === '' ? '' : ' '.repeat(GAP) + detail
  }`.trimEnd();
}

/** What is asked before a key rejects a gate: there is no way back. */
export function confirmation(event: string): string {
  return `reject ${event}? press y to reject it, any other key to go on waiting`;
}

/** More would push the tree off the screen. */
const MOST_NOTICES = 3;

function noticeLines(
  { notices, reference }: TeamView,
  columns: number,
  colors: Colors,
): readonly string[] {
  const shown = notices.slice(0, MOST_NOTICES).map(({ message }) => oneLine(message));
  const more = notices.length - shown.length;
  const lines = more > 0 ? [...shown, `${more} more: agentteam get ${reference}`] : shown;
  return lines.map((line) => colors.yellow(fit(`! ${line}`, columns)));
}

function gateLines(
  view: TeamView,
  gate: GateRow,
  columns: number,
  colors: Colors,
  answers: GateKeys,
): readonly string[] {
  const event = oneLine(gate.event);
  const ways: Readonly<Record<GateKeys, string>> = {
    none: `agentteam approve ${view.reference} ${event}   (or reject)`,
    ask: `press a to approve, r to reject, or: agentteam approve ${view.reference} ${event}`,
    'confirm-reject': confirmation(event),
  };
  // The keys answer the gate on top.
  const how = ways[answers !== 'none' && gate !== view.gates[0] ? 'none' : answers];
  return [
    colors.yellow(fit(`◆ ${event}: ${oneLine(gate.before)} waits for your approval`, columns)),
    ...wrap(how, columns - GAP).map((line) => `  ${line}`),
  ];
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
