import type { CostPoint } from '@agentteam/detail';
import { type CostGrouping, costChart } from '@agentteam/rendering';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { clock, dateAndTime, dollarSteps, dollars, dollarsTogether } from '../parts/format.ts';
import { Scroll } from '../parts/parts.tsx';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 26;
const TOP = 14;
/** Half of the width of a time on the axis, which must not be cut off at the right. */
const HALF_LABEL = 36;
/** Share of the budget from which the chart reaches up to it by itself. */
const NEAR_LIMIT = 0.25;

const GROUPINGS = { agent: 'By agent', class: 'By class of tokens' } as const;

/** What the team had spent over time, in bands for its agents or for the classes of tokens. */
export function CostChart({
  costs,
  limit,
}: {
  costs: readonly CostPoint[];
  limit: string | undefined;
}): JSX.Element {
  const [grouping, setGrouping] = useState<CostGrouping>('agent');
  const most = limit === undefined ? undefined : Number(limit);
  const [wantsLimit, setWantsLimit] = useState<boolean>();
  const chart = useMemo(() => {
    const size = { grouping, width: WIDTH - LEFT - 8, height: HEIGHT - TOP - BOTTOM };
    const own = most === undefined ? {} : { limit: most };
    const near = costChart(costs, { ...size, ...own, showsLimit: false });
    const isNear = most !== undefined && (near?.usd ?? 0) >= most * NEAR_LIMIT;
    return (wantsLimit ?? isNear) ? costChart(costs, { ...size, ...own, showsLimit: true }) : near;
  }, [costs, grouping, most, wantsLimit]);
  if (chart === undefined) return <p class="muted">Nothing has been charged yet.</p>;
  const { bands, from, to, usd, limitY } = chart;
  const fromTop = bands.toReversed();
  const spent = dollarsTogether(fromTop.map((band) => band.usd.toFixed(12)));
  const amounts = dollarSteps(chart.yTicks.map((tick) => tick.usd));
  const text = `The team spent ${dollars(usd.toFixed(12))} from ${dateAndTime(from)} to ${dateAndTime(to)}.`;
  return (
    <>
      <div class="filters">
        <fieldset class="choices">
          <legend class="hidden">Bands</legend>
          {(Object.keys(GROUPINGS) as CostGrouping[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={grouping === name}
              onClick={() => setGrouping(name)}
            >
              {GROUPINGS[name]}
            </button>
          ))}
        </fieldset>
        {limit !== undefined && (
          <label>
            <input
              type="checkbox"
              checked={limitY !== undefined}
              onChange={({ currentTarget }) => setWantsLimit(currentTarget.checked)}
            />{' '}
            Up to the budget of {dollars(limit)}
          </label>
        )}
      </div>
      <Scroll label="Cost over time">
        <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text}>
          <g transform={`translate(${LEFT} ${TOP})`}>
            {chart.yTicks.map(({ y }, index) => (
              <g key={y}>
                <line class="rule" x1={0} x2={WIDTH - LEFT - 8} y1={y} y2={y} />
                <text x={-8} y={y + 4} text-anchor="end">
                  {amounts[index]}
                </text>
              </g>
            ))}
            {bands.map(({ name, path }, index) => (
              <path key={name} class={`band band-${index % 8}`} d={path} />
            ))}
            <path class="line" d={chart.line} />
            {limitY !== undefined && (
              <line class="limit" x1={0} x2={WIDTH - LEFT - 8} y1={limitY} y2={limitY} />
            )}
            {chart.xTicks.map(({ x, at }) => (
              <text
                key={at}
                x={x}
                y={HEIGHT - TOP - 6}
                text-anchor={x > WIDTH - LEFT - HALF_LABEL ? 'end' : 'middle'}
              >
                {clock(at)}
              </text>
            ))}
          </g>
        </svg>
      </Scroll>
      <ul class="legend" aria-label="Bands of the chart">
        {fromTop.map(({ name }, index) => (
          <li key={name}>
            <span class={`swatch band-${(bands.length - 1 - index) % 8}`} aria-hidden="true" />
            {name} <span class="muted">{spent[index]}</span>
          </li>
        ))}
        {limitY !== undefined && (
          <li>
            <span class="swatch limit" aria-hidden="true" />
            budget
          </li>
        )}
      </ul>
    </>
  );
}
