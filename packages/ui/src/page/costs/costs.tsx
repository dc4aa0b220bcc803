import type { TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { dollars, dollarsTogether } from '../parts/format.ts';
import { Scroll, Section } from '../parts/parts.tsx';
import { CostChart } from './cost-chart.tsx';

export function Costs({ detail }: { detail: TeamDetail }): JSX.Element {
  return (
    <>
      <Section
        title="Cost over time"
        empty={detail.costs.length === 0 && 'No cost has been recorded yet.'}
      >
        <CostChart costs={detail.costs} limit={detail.summary.limit} />
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
  // The last row is the total.
  const spent = dollarsTogether(agents.map(({ usd }) => usd));
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
        {rows.map(({ name, usd, limit, tokens }, index) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{spent[index] ?? dollars(usd)}</td>
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
