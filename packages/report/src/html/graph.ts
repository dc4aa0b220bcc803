import type { StepDetail } from '@agentteam/detail';
import { layOutSteps, type PlacedStep } from '@agentteam/rendering';
import { STATES } from '../facts.ts';
import { type Html, html } from './html.ts';

const SIZE = { width: 220, height: 40 };
const MARGIN = 8;
const LONGEST_TITLE = 26;

/** Draws the steps from left to right, each after those that it waits for. */
export function graph(steps: readonly StepDetail[]): Html {
  const layout = layOutSteps(steps, SIZE);
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN;
  return html`<div class="scroll" role="region" aria-label="Graph of the steps" tabindex="0">
<svg class="graph" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" role="img" aria-label="Graph of the steps; the table below has the same content">
${layout.edges.map((path) => html`<path class="edge" d="${path}"/>`)}${layout.steps.map(node)}
</svg></div>`;
}

function node({ step, x, y }: PlacedStep): Html {
  const { title, state, kind } = step;
  const { width, height } = SIZE;
  const short = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title;
  return html`<g class="node ${state}"><title>${title}: ${STATES[state].text}</title>
<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === 'gate' ? 20 : 6}"/>
<text x="${x + 10}" y="${y + height / 2 + 4}">${STATES[state].mark} ${short}</text></g>`;
}
