import type { StepDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { Badge, Mark, Scroll, Section } from './parts.tsx';

const WIDTH = 200;
const HEIGHT = 52;
const COLUMN_GAP = 52;
const ROW_GAP = 16;

interface Place {
  readonly step: StepDetail;
  readonly x: number;
  readonly y: number;
}

/** Draws all steps of the team, with one column for each level. */
export function Graph({ steps }: { steps: readonly StepDetail[] }): JSX.Element {
  const drawn = simplify(steps);
  const { places, width, height } = layOut(drawn);
  return (
    <Section title="Steps" empty={drawn.length === 0 && 'The Workflow has not been created yet.'}>
      <Scroll label="Graph of the steps">
        <div class="graph" style={{ width: `${width}px`, height: `${height}px` }}>
          <svg width={width} height={height} aria-hidden="true">
            {[...places.values()].flatMap((to) =>
              to.step.dependsOn.flatMap((name) => {
                const from = places.get(name);
                return from === undefined
                  ? []
                  : [<path key={`${name} ${to.step.name}`} d={curve(from, to)} />];
              }),
            )}
          </svg>
          <ul class="plain">
            {[...places.values()].map(({ step, x, y }) => (
              <li
                key={step.name}
                class={`step ${step.state}`}
                style={{
                  left: `${x}px`,
                  top: `${y}px`,
                  width: `${WIDTH}px`,
                  height: `${HEIGHT}px`,
                }}
                title={step.message}
              >
                <Mark state={step.state} />
                <span class="step-title">
                  {step.title}
                  {step.dependsOn.length > 0 && (
                    <span class="hidden"> (after {step.dependsOn.join(', ')})</span>
                  )}
                </span>
                <Badge value={step.state} />
              </li>
            ))}
          </ul>
        </div>
      </Scroll>
    </Section>
  );
}

/**
 * Leaves out the roll-call, which exists only in case a teammate never starts, unless it has begun; and
 * dependencies that others imply, so that fewer lines cross.
 */
function simplify(steps: readonly StepDetail[]): readonly StepDetail[] {
  const isDrawn = ({ kind, state }: StepDetail): boolean =>
    kind !== 'roll-call' || (state !== 'waiting' && state !== 'skipped');
  const all = new Map(steps.map((step) => [step.name, step]));
  const direct = (step: StepDetail): readonly string[] =>
    step.dependsOn.flatMap((name) => {
      const before = all.get(name);
      return before === undefined || isDrawn(before) ? [name] : direct(before);
    });
  const known = new Map<string, ReadonlySet<string>>();
  const before = (name: string): ReadonlySet<string> => {
    const step = all.get(name);
    const names = step === undefined ? [] : direct(step);
    const found =
      known.get(name) ?? new Set([...names, ...names.flatMap((one) => [...before(one)])]);
    known.set(name, found);
    return found;
  };
  return steps.filter(isDrawn).map((step) => {
    const names = [...new Set(direct(step))];
    return {
      ...step,
      dependsOn: names.filter((name) => !names.some((other) => before(other).has(name))),
    };
  });
}

function layOut(steps: readonly StepDetail[]): {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
} {
  const columns = new Map<number, StepDetail[]>();
  for (const step of steps) columns.set(step.level, [...(columns.get(step.level) ?? []), step]);
  const tallest = Math.max(0, ...[...columns.values()].map(({ length }) => length));
  const height = tallest * (HEIGHT + ROW_GAP) - ROW_GAP;
  const places = new Map<string, Place>();
  const levels = [...columns.keys()].toSorted((a, b) => a - b);
  for (const [column, level] of levels.entries()) {
    const members = columns.get(level) ?? [];
    const top = (height - members.length * (HEIGHT + ROW_GAP) + ROW_GAP) / 2;
    for (const [row, step] of members.entries()) {
      const x = column * (WIDTH + COLUMN_GAP);
      places.set(step.name, { step, x, y: top + row * (HEIGHT + ROW_GAP) });
    }
  }
  return {
    places,
    width: Math.max(0, levels.length * (WIDTH + COLUMN_GAP) - COLUMN_GAP),
    height: Math.max(0, height),
  };
}

function curve(from: Place, to: Place): string {
  const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
  const [x2, y2] = [to.x, to.y + HEIGHT / 2];
  const bend = COLUMN_GAP / 2;
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
