import { dollars, dollarsTogether } from '@agentteam/contract';
import type { TeamDetail } from '@agentteam/detail';
import { type CostGrouping, costChart } from '@agentteam/rendering';
import { agentTitle, count, time } from '../facts.ts';
import { type Html, html } from './html.ts';

const WIDTH = 1000;
const HEIGHT = 160;
/** The budget is drawn if the team has spent at least this share of it. */
const NEAR_BUDGET = 0.2;
/** Colours of the style sheet. */
const BANDS = 8;

/** Shows what the team spent over time, and what each agent spent on each class of tokens. */
export function costs(detail: TeamDetail): Html {
  const { agents, summary } = detail;
  const spent = dollarsTogether(agents.map(({ usd }) => usd));
  return html`${chart(detail, 'agent')}${chart(detail, 'class')}
<div class="scroll" role="region" aria-label="Costs by agent" tabindex="0"><table>
<thead><tr><th scope="col">Agent</th><th scope="col">Model</th><th scope="col" class="number">Input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Cache read</th><th scope="col" class="number">Cache write</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Budget</th></tr></thead>
<tbody>${agents.map(
    (agent, index) =>
      html`<tr><th scope="row">${agentTitle(agent)}</th><td>${agent.model}</td>${tokens(agent.tokens)}<td class="number">${spent[index]}</td><td class="number">${agent.limit === undefined ? '–' : dollars(agent.limit)}</td></tr>`,
  )}
<tr class="total"><th scope="row">total</th><td></td>${tokens(summary.tokens)}<td class="number">${dollars(summary.usd)}</td><td class="number">${summary.limit === undefined ? '–' : dollars(summary.limit)}</td></tr></tbody>
</table></div>${
    summary.rehearsal
      ? html`<p class="muted">This was a rehearsal: the costs are simulated and nothing was charged.</p>`
      : undefined
  }`;
}

function tokens(spent: TeamDetail['summary']['tokens']): Html {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = spent;
  const cells = [input, output, cacheRead, cacheWrite5m + cacheWrite1h];
  return html`${cells.map((value) => html`<td class="number">${count(value)}</td>`)}`;
}

const TITLES = { agent: 'agent', class: 'class of tokens' } as const;

function chart({ costs: points, summary }: TeamDetail, grouping: CostGrouping): Html | undefined {
  const limit = summary.limit === undefined ? undefined : Number(summary.limit);
  const isNear = limit !== undefined && Number(summary.usd) >= limit * NEAR_BUDGET;
  const drawn = costChart(points, {
    grouping,
    ...(limit !== undefined && { limit }),
    showsLimit: isNear,
    width: WIDTH,
    height: HEIGHT,
  });
  if (drawn === undefined) return undefined;
  const { bands, yTicks, limitY, from, to } = drawn;
  const fromTop = bands.toReversed();
  const spent = dollarsTogether(fromTop.map(({ usd }) => usd.toFixed(12)));
  const budget =
    limitY === undefined
      ? undefined
      : html`<line class="budget" x1="0" x2="${WIDTH}" y1="${limitY}" y2="${limitY}"/>`;
  return html`<figure><svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Cost over time by ${TITLES[grouping]}: ${dollars(summary.usd)} at the end">${yTicks.map(
    ({ y }) => html`<line class="rule" x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/>`,
  )}${bands.map(({ path }, index) => html`<path class="band-${index % BANDS}" d="${path}"/>`)}<path class="line" d="${drawn.line}"/>${budget}</svg>
<figcaption><p class="axis"><span>${time(from)}</span><span>one line for each ${dollars((yTicks[1]?.usd ?? 0).toFixed(12))}</span><span>${time(to)}</span></p>
<p>By ${TITLES[grouping]}:${fromTop.map(
    ({ name }, index) =>
      html` <span class="band-name"><span class="swatch band-${(bands.length - 1 - index) % BANDS}"></span> ${name} ${spent[index]}</span>`,
  )}${limitY === undefined ? undefined : html`. The dashed line is the budget of ${dollars(summary.limit ?? '0')}`}.</p></figcaption></figure>`;
}
