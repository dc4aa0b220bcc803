import type { CostPoint, TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { dateAndTime, dollars } from './format.ts';
import { Scroll, Section } from './parts.tsx';

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 64;
const BOTTOM = 24;
const TOP = 14;

export function Costs({ detail }: { detail: TeamDetail }): JSX.Element {
  return (
    <>
      <Section
        title="Cost over time"
        empty={detail.costs.length === 0 && 'No cost has been recorded yet.'}
      >
        <Scroll label="Cost over time">
          <Chart detail={detail} />
        </Scroll>
      </Section>
      <Section title="By agent">
        <Scroll label="Cost by agent">
          <Table detail={detail} />
        </Scroll>
      </Section>
    </>
  );
}

function Table({ detail: { agents, summary } }: { detail: TeamDetail }): JSX.Element {
  const rows = [...agents, { ...summary, name: 'all agents' }];
  const number = (value: number): string => value.toLocaleString('en');
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Agent</th>
          <th scope="col">Cost</th>
          <th scope="col">Budget</th>
          <th scope="col">Input</th>
          <th scope="col">Output</th>
          <th scope="col">Cache read</th>
          <th scope="col">Cache written</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, usd, limit, tokens }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{dollars(usd)}</td>
            <td>{limit === undefined ? '–' : dollars(limit)}</td>
            <td>{number(tokens.input)}</td>
            <td>{number(tokens.output)}</td>
            <td>{number(tokens.cacheRead)}</td>
            <td>{number(tokens.cacheWrite5m + tokens.cacheWrite1h)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Draws what the whole team had spent, and its budget if the cost comes near it. */
function Chart({ detail: { costs, summary } }: { detail: TeamDetail }): JSX.Element {
  const points = totals(costs);
  const last = points.at(-1);
  const spent = last?.usd ?? 0;
  const limit = Number(summary.limit ?? 0);
  const hasLimit = limit > 0 && spent > limit / 4;
  const most = Math.max(spent, hasLimit ? limit : 0) || 1;
  const from = points[0]?.at ?? 0;
  const to = Math.max(last?.at ?? 0, from + 1);
  const x = (at: number): number => LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT - 8);
  const y = (usd: number): number => TOP + (1 - usd / most) * (HEIGHT - TOP - BOTTOM);
  const steps = points.map(({ at, usd }) => `H${x(at).toFixed(1)} V${y(usd).toFixed(1)}`);
  const line = `M${LEFT},${y(0)} ${steps.join(' ')}`;
  const [begin, end] = [new Date(from), new Date(to)].map((time) =>
    dateAndTime(time.toISOString()),
  );
  const text = `The team spent ${dollars(String(spent))} from ${begin} to ${end}.`;
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="rule" x1={LEFT} x2={WIDTH - 8} y1={y(most * share)} y2={y(most * share)} />
          <text x={LEFT - 8} y={y(most * share) + 4} text-anchor="end">
            {dollars(String(most * share))}
          </text>
        </g>
      ))}
      <path class="area" d={`${line} H${x(to)} V${y(0)} Z`} />
      <path class="line" d={line} />
      {hasLimit && (
        <line class="limit" x1={LEFT} x2={WIDTH - 8} y1={y(limit)} y2={y(limit)}>
          <title>{`budget ${dollars(String(limit))}`}</title>
        </line>
      )}
      <text x={LEFT} y={HEIGHT - 6}>
        {begin}
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 6} text-anchor="end">
        {end}
      </text>
    </svg>
  );
}

/** Adds what each agent had spent at each time. */
function totals(costs: readonly CostPoint[]): { readonly at: number; readonly usd: number }[] {
  const byAgent = new Map<string, number>();
  return costs.map(({ at, agent, usd }) => {
    byAgent.set(agent, Number(usd));
    return { at: Date.parse(at), usd: [...byAgent.values()].reduce((sum, one) => sum + one, 0) };
  });
}
