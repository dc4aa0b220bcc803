import type { CostPoint, TeamDetail } from '@agentteam/detail';
import { agentTitle, count, money, time } from '../facts.ts';
import { type Html, html } from './html.ts';

const WIDTH = 1000;
const HEIGHT = 160;
/** The budget is drawn if the team has spent at least this share of it. */
const NEAR_BUDGET = 0.2;

/** Shows what the team spent over time, and what each agent spent on each class of tokens. */
export function costs(detail: TeamDetail): Html {
  const { agents, summary } = detail;
  return html`${chart(detail)}
<div class="scroll" role="region" aria-label="Costs by agent" tabindex="0"><table>
<thead><tr><th scope="col">Agent</th><th scope="col">Model</th><th scope="col" class="number">Input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Cache read</th><th scope="col" class="number">Cache write</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Budget</th></tr></thead>
<tbody>${agents.map(
    (agent) =>
      html`<tr><th scope="row">${agentTitle(agent)}</th><td>${agent.model}</td>${tokens(agent.tokens)}<td class="number">${money(agent.usd)}</td><td class="number">${agent.limit === undefined ? '–' : money(agent.limit)}</td></tr>`,
  )}
<tr class="total"><th scope="row">total</th><td></td>${tokens(summary.tokens)}<td class="number">${money(summary.usd)}</td><td class="number">${summary.limit === undefined ? '–' : money(summary.limit)}</td></tr></tbody>
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

function chart({ costs: points, summary }: TeamDetail): Html | undefined {
  const sums = teamSums(points);
  const [first, last] = [sums[0], sums.at(-1)];
  if (first === undefined || last === undefined || first.at >= last.at || last.usd === 0) {
    return undefined;
  }
  const [from, to] = [Date.parse(first.at), Date.parse(last.at)];
  const limit = Number(summary.limit);
  const isNear = last.usd > limit * NEAR_BUDGET;
  const top = isNear ? Math.max(limit, last.usd) : last.usd;
  const x = (at: string): string => (((Date.parse(at) - from) / (to - from)) * WIDTH).toFixed(1);
  const y = (usd: number): string => (HEIGHT - (usd / top) * (HEIGHT - 6)).toFixed(1);
  const line = sums.map(({ at, usd }) => `${x(at)},${y(usd)}`).join(' ');
  const budget = isNear
    ? html`<line class="budget" x1="0" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}"/>`
    : undefined;
  return html`<figure><svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Cost over time: ${money(summary.usd)} at the end"><polygon class="area" points="0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}"/><polyline class="line" points="${line}"/>${budget}</svg>
<figcaption class="axis"><span>${time(first.at)}</span><span>${money(summary.usd)}${isNear ? html`, the dashed line is the budget of ${money(summary.limit ?? '0')}` : undefined}</span><span>${time(last.at)}</span></figcaption></figure>`;
}

/** The points have the sums of agents; this adds them up for the team. */
function teamSums(
  points: readonly CostPoint[],
): readonly { readonly at: string; readonly usd: number }[] {
  const agents = new Map<string, number>();
  return points.map(({ at, agent, usd }) => {
    agents.set(agent, Number(usd));
    return { at, usd: [...agents.values()].reduce((sum, one) => sum + one, 0) };
  });
}
