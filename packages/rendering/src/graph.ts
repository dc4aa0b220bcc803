import type { StepDetail } from '@agentteam/detail';
import * as dagre from '@dagrejs/dagre';
import { curveBumpX, line } from 'd3-shape';

/** Pixels. */
export interface GraphSize {
  readonly width: number;
  readonly height: number;
}

export interface PlacedStep {
  readonly step: StepDetail;
  /** The upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout extends GraphSize {
  readonly steps: readonly PlacedStep[];
  /** Paths in the syntax of SVG. */
  readonly edges: readonly string[];
}

const COLUMN_GAP = 48;
const ROW_GAP = 14;

/**
 * Places the steps of a team from left to right, each behind those that it waits for, and draws the lines
 * between them around other steps.
 * @param size of a step.
 */
export function layOutSteps(steps: readonly StepDetail[], size: GraphSize): GraphLayout {
  const drawn = simplify(steps);
  if (drawn.length === 0) return { steps: [], edges: [], width: 0, height: 0 };
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', ranksep: COLUMN_GAP, nodesep: ROW_GAP, edgesep: ROW_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of drawn) graph.setNode(name, { ...size });
  for (const { name, dependsOn } of drawn) {
    for (const before of dependsOn) graph.setEdge(before, name);
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<GraphSize>;
  return {
    steps: drawn.map((step) => {
      const { x, y } = graph.node(step.name) as { x: number; y: number };
      return { step, x: x - size.width / 2, y: y - size.height / 2 };
    }),
    edges: graph.edges().map((edge: dagre.Edge) => {
      const { points } = graph.edge(edge) as { points: { x: number; y: number }[] };
      const [from, to] = [graph.node(edge.v), graph.node(edge.w)] as { x: number; y: number }[];
      const begin = { x: (from?.x ?? 0) + size.width / 2, y: from?.y ?? 0 };
      const end = { x: (to?.x ?? 0) - size.width / 2, y: to?.y ?? 0 };
      // dagre ends a line where it meets the border; lines from left to right leave and arrive at the sides.
      const between = points.slice(1, -1).filter(({ x }) => x > begin.x && x < end.x);
      return PATH([begin, ...between, end].map(({ x, y }) => [x, y])) ?? '';
    }),
    width,
    height,
  };
}

const PATH = line().curve(curveBumpX).digits(1);

/**
 * Leaves out the roll-call, which exists only in case a teammate never starts, unless it has begun; and
 * dependencies that others imply, so that fewer lines cross. Whoever may change Workflows can make steps that
 * wait for each other, or have the same name.
 */
function simplify(steps: readonly StepDetail[]): readonly StepDetail[] {
  const all = new Map(steps.map((step) => [step.name, step]));
  const known = new Map<string, ReadonlySet<string>>();
  const before = (name: string): ReadonlySet<string> => {
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, new Set());
    const names = all.get(name)?.dependsOn ?? [];
    const closure = new Set([...names, ...names.flatMap((one) => [...before(one)])]);
    known.set(name, closure);
    return closure;
  };
  const drawn = [...all.values()].filter(isDrawn);
  const names = new Set(drawn.map(({ name }) => name));
  return drawn.map((step) => {
    const waited = [...before(step.name)].filter((name) => names.has(name) && name !== step.name);
    const dependsOn = waited.filter((name) => !waited.some((other) => before(other).has(name)));
    return { ...step, dependsOn };
  });
}

function isDrawn({ kind, state }: StepDetail): boolean {
  return kind !== 'roll-call' || (state !== 'waiting' && state !== 'skipped');
}
