import type { StepDetail } from '@agentteam/detail';
import { layOutSteps } from '@agentteam/rendering';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Badge, Mark, Scroll, Section } from '../parts/parts.tsx';

const SIZE = { width: 216, height: 52 };
/** Of steps, where a title needs two lines. */
const TALL = 70;
/** Characters of a title that fit one line. */
const ONE_LINE = 20;

/** Draws all steps of the team, those that have not begun included. */
export function Graph({ steps }: { steps: readonly StepDetail[] }): JSX.Element {
  const size = steps.some(({ title }) => title.length > ONE_LINE)
    ? { ...SIZE, height: TALL }
    : SIZE;
  const layout = useMemo(() => layOutSteps(steps, size), [steps, size.height]);
  const titles = new Map(steps.map(({ name, title }) => [name, title]));
  return (
    <Section title="Steps" empty={steps.length === 0 && 'The Workflow has not been created yet.'}>
      <Scroll label="Graph of the steps">
        <div class="graph" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
          <svg width={layout.width} height={layout.height} aria-hidden="true">
            {layout.edges.map((path) => (
              <path key={path} d={path} />
            ))}
          </svg>
          <ul class="plain">
            {layout.steps.map(({ step, x, y }) => (
              <li
                key={step.name}
                class={`step ${step.state}`}
                style={{
                  left: `${x}px`,
                  top: `${y}px`,
                  width: `${size.width}px`,
                  height: `${size.height}px`,
                }}
                title={step.message ?? step.title}
              >
                <Mark state={step.state} />
                <span class="step-title">
                  {step.title}
                  {step.dependsOn.length > 0 && (
                    <span class="hidden">
                      {' '}
                      (after {step.dependsOn.map((name) => titles.get(name) ?? name).join(', ')})
                    </span>
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
