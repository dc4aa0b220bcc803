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
  // Without a common step before them, dagre would put first steps as near to what follows as it can.
  graph.setNode(ROOT, { width: 0, height: 0 });
  for (const { name, dependsOn } of drawn) {
    graph.setNode(name, { ...size });
    if (dependsOn.length === 0) graph.setEdge(ROOT, name, { weight: 10 });
  }
  for (const { name, dependsOn } of drawn) {
    for (const before of dependsOn) graph.setEdge(before, name);
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<GraphSize>;
  // dagre may put the first step, which is the lead, at the bottom.
  const [first] = drawn;
  const isUpsideDown = first !== undefined && (graph.node(first.name) as Point).y > height / 2;
  const upright = <P extends Point>(point: P): P =>
    isUpsideDown ? { ...point, y: height - point.y } : point;
  const place = (name: string): Point => upright(graph.node(name) as Point);
  const left = Math.min(...drawn.map(({ name }) => place(name).x)) - size.width / 2;
  const edges = graph.edges().filter(({ v }: dagre.Edge) => v !== ROOT);
  return {
    steps: drawn.map((step) => {
      const { x, y } = place(step.name);
      return { step, x: x - size.width / 2 - left, y: y - size.height / 2 };
    }),
    edges: edges.map((edge: dagre.Edge) => {
      const { points } = graph.edge(edge) as { points: Point[] };
      const [from, to] = [place(edge.v), place(edge.w)];
      const begin = { x: from.x + size.width / 2, y: from.y };
      const end = { x: to.x - size.width / 2, y: to.y };
      // dagre ends a line where it meets the border; lines from left to right leave and arrive at the sides.
      const between = points
        .slice(1, -1)
        .map(upright)
        .filter(({ x }) => x > begin.x && x < end.x);
      return PATH([begin, ...between, end].map(({ x, y }) => [x - left, y])) ?? '';
    }),
    width: width - left,
    height,
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** No step has this name. */
const ROOT = ' ';

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
