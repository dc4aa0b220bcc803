import type { CostPoint } from '@agentteam/detail';
import { scaleLinear, scaleTime } from 'd3-scale';
import { area, curveStepAfter, line, type SeriesPoint, stack } from 'd3-shape';

/** What the bands of a chart stand for. */
export type CostGrouping = 'agent' | 'class';

/** What one agent, or all tokens of one class, had cost. */
export interface CostBand {
  readonly name: string;
  /** Dollars at the end. */
  readonly usd: number;
  /** A closed area in the syntax of an SVG path. */
  readonly path: string;
}

export interface CostChart {
  /** From the lowest to the highest. */
  readonly bands: readonly CostBand[];
  /** The sum, as an SVG path. */
  readonly line: string;
  /** Dollars at the end. */
  readonly usd: number;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** On whole seconds. */
  readonly xTicks: readonly { readonly x: number; readonly at: string }[];
  readonly yTicks: readonly { readonly y: number; readonly usd: number }[];
  /** Where the budget's line is. Absent without a budget, or if the chart ends below it. */
  readonly limitY?: number;
}

interface ChartOptions {
  readonly grouping: CostGrouping;
  /** Dollars. */
  readonly limit?: number;
  /** Whether the chart reaches up to the budget even if little of it is spent. */
  readonly showsLimit: boolean;
  /** The area of the curves, in the units of the drawing. */
  readonly width: number;
  readonly height: number;
  /** Where the curves end: ISO 8601. Default: the last point. */
  readonly until?: string;
}

/** Agents with a band of their own; the others share one. */
const MOST_AGENTS = 8;
const OTHERS = 'others';

/** The classes of tokens, as people read them. */
const CLASSES = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache read',
  cacheWrite: 'cache written',
  other: 'tools',
} as const satisfies Record<keyof CostPoint['usdByClass'], string>;

/** Draws what a team had spent over time, in bands that add up. @returns undefined without any cost. */
export function costChart(
  points: readonly CostPoint[],
  options: ChartOptions,
): CostChart | undefined {
  const { grouping, limit, showsLimit, width, height } = options;
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const rows = grouping === 'agent' ? byAgent(points) : byClass(points);
  const end = Math.max(Date.parse(options.until ?? last.at), Date.parse(last.at));
  const from = Date.parse(first.at);
  const to = Math.max(end, from + 1000);
  const lastRow = rows.at(-1);
  if (lastRow === undefined) return undefined;
  rows.push({ ...lastRow, at: to });
  const names = [...new Set(rows.flatMap(({ usd }) => [...usd.keys()]))].filter(
    (name) => name !== OTHERS,
  );
  names.sort((a, b) => (lastRow.usd.get(b) ?? 0) - (lastRow.usd.get(a) ?? 0));
  if (lastRow.usd.has(OTHERS)) names.push(OTHERS);
  const usd = names.reduce((sum, name) => sum + (lastRow.usd.get(name) ?? 0), 0);
  if (usd === 0) return undefined;
  const top = showsLimit && limit !== undefined ? Math.max(limit, usd) : usd;
  const x = scaleTime([from, to], [0, width]);
  const y = scaleLinear([0, top], [height, 0]).nice(4);
  const stacked = stack<Row, string>()
    .keys(names)
    .value((row, name) => row.usd.get(name) ?? 0)(rows);
  const band = area<SeriesPoint<Row>>()
    .x(({ data }) => x(data.at))
    .y0(([low]) => y(low))
    .y1(([, high]) => y(high))
    .curve(curveStepAfter)
    .digits(1);
  const sum = line<SeriesPoint<Row>>()
    .x(({ data }) => x(data.at))
    .y(([, high]) => y(high))
    .curve(curveStepAfter)
    .digits(1);
  const isLimitVisible = limit !== undefined && limit > 0 && limit <= (y.domain()[1] ?? 0);
  return {
    bands: stacked.map((series) => ({
      name: series.key,
      usd: lastRow.usd.get(series.key) ?? 0,
      path: band(series) ?? '',
    })),
    line: sum(stacked.at(-1) ?? []) ?? '',
    usd,
    from: first.at,
    to: new Date(to).toISOString(),
    xTicks: x
      .ticks(4)
      // The times on the axis have no fractions of a second.
      .filter((at) => at.getMilliseconds() === 0)
      .map((at) => ({ x: x(at), at: at.toISOString() })),
    yTicks: y.ticks(4).map((value) => ({ y: y(value), usd: value })),
    ...(isLimitVisible && { limitY: y(limit) }),
  };
}

interface Row {
  readonly at: number;
  /** What each band had cost. */
  readonly usd: ReadonlyMap<string, number>;
}

function byAgent(points: readonly CostPoint[]): Row[] {
  const last = new Map(points.map(({ agent, usd }) => [agent, Number(usd)]));
  const most = [...last.keys()].toSorted((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0));
  const own = new Set(last.size <= MOST_AGENTS ? most : most.slice(0, MOST_AGENTS - 1));
  const spent = new Map<string, number>();
  return points.map(({ at, agent, usd }) => {
    spent.set(agent, Number(usd));
    const row = new Map<string, number>();
    for (const [name, amount] of spent) {
      const band = own.has(name) ? name : OTHERS;
      row.set(band, (row.get(band) ?? 0) + amount);
    }
    return { at: Date.parse(at), usd: row };
  });
}

function byClass(points: readonly CostPoint[]): Row[] {
  const spent = new Map<string, CostPoint['usdByClass']>();
  const classes = Object.entries(CLASSES) as [keyof CostPoint['usdByClass'], string][];
  return points.map(({ at, agent, usdByClass }) => {
    spent.set(agent, usdByClass);
    const sums = classes.map(([key, name]) => {
      const sum = [...spent.values()].reduce((total, amounts) => total + Number(amounts[key]), 0);
      return [name, sum] as const;
    });
    return { at: Date.parse(at), usd: new Map(sums.filter(([, sum]) => sum > 0)) };
  });
}
