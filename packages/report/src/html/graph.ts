import type { StepDetail } from '@agentteam/detail';
import { STATES } from '../facts.ts';
import { type Html, html } from './html.ts';

const WIDTH = 190;
const HEIGHT = 40;
const GAP_X = 44;
const GAP_Y = 14;
const MARGIN = 8;
const LONGEST_TITLE = 23;

interface Placed {
  readonly step: StepDetail;
  readonly x: number;
  readonly y: number;
}

/** Draws the steps from left to right, each after those that it waits for. */
export function graph(steps: readonly StepDetail[]): Html {
  const placed = place(steps);
  const nodes = [...placed.values()];
  const width = Math.max(0, ...nodes.map(({ x }) => x)) + WIDTH + MARGIN;
  const height = Math.max(0, ...nodes.map(({ y }) => y)) + HEIGHT + MARGIN;
  const edges = nodes.flatMap((node) =>
    node.step.dependsOn.flatMap((name) => {
      const from = placed.get(name);
      return from === undefined ? [] : [edge(from, node)];
    }),
  );
  return html`<div class="scroll" role="region" aria-label="Graph of the steps" tabindex="0">
<svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Graph of the steps; the table below has the same content">
${edges}${nodes.map(node)}
</svg></div>`;
}

/** Each level is a column. In it, a step is near the steps that it waits for. */
function place(steps: readonly StepDetail[]): ReadonlyMap<string, Placed> {
  const placed = new Map<string, Placed>();
  const levels = [...new Set(steps.map(({ level }) => level))].sort((a, b) => a - b);
  const most = Math.max(
    ...levels.map((level) => steps.filter((step) => step.level === level).length),
  );
  for (const [column, level] of levels.entries()) {
    const inColumn = steps
      .filter((step) => step.level === level)
      .map((step) => ({ step, at: centre(step, placed) }))
      .toSorted((a, b) => a.at - b.at);
    const top = ((most - inColumn.length) * (HEIGHT + GAP_Y)) / 2;
    for (const [row, { step }] of inColumn.entries()) {
      placed.set(step.name, {
        step,
        x: MARGIN + column * (WIDTH + GAP_X),
        y: MARGIN + top + row * (HEIGHT + GAP_Y),
      });
    }
  }
  return placed;
}

/** Mean height of the steps that a step waits for. */
function centre({ dependsOn }: StepDetail, placed: ReadonlyMap<string, Placed>): number {
  const heights = dependsOn.flatMap((name) => placed.get(name)?.y ?? []);
  return heights.length === 0 ? 0 : heights.reduce((sum, y) => sum + y, 0) / heights.length;
}

function edge(from: Placed, to: Placed): Html {
  const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
  const [x2, y2] = [to.x, to.y + HEIGHT / 2];
  const bend = Math.max(20, (x2 - x1) / 2);
  return html`<path class="edge" d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

function node({ step, x, y }: Placed): Html {
  const { title, state, kind } = step;
  const short = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title;
  return html`<g class="node ${state}"><title>${title}: ${STATES[state].text}</title>
<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="${kind === 'gate' ? 20 : 6}"/>
<text x="${x + 10}" y="${y + HEIGHT / 2 + 4}">${STATES[state].mark} ${short}</text></g>`;
}
