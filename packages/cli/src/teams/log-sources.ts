import type { NodeStatus, Workflow } from '@agentteam/argo';
import { CONTAINERS, isGateStep, STEPS } from '@agentteam/contract';
import { stepsOf, stepTitle } from '@agentteam/status';
import { Failure } from '../failure.ts';
import type { LogOptions } from './team-host.ts';

/** A container of one attempt at a step. Each has its own log. */
export interface LogSource {
  /** The step, with the number of the attempt if there were several. */
  readonly step: string;
  readonly container: string;
  readonly node: NodeStatus;
}

/**
 * @param options may name steps in any case, so `lead` selects the step `Lead`.
 * @throws Failure for a step or a container that the team does not have.
 */
export function logSources(workflow: Workflow, options: LogOptions): readonly LogSource[] {
  const steps = [...stepsOf(workflow).values()];
  const templates = workflow.spec.templates ?? [];
  const tasks = templates.flatMap(({ dag }) => dag?.tasks ?? []);
  const known = [...new Set([...steps, ...tasks].map(({ name }) => name))];
  const wanted = options.steps.map((requested) => [requested, find(known, requested)] as const);
  const unknown = wanted.flatMap(([requested, name]) => (name === undefined ? [requested] : []));
  if (unknown.length > 0) {
    throw new Failure(`there is no step ${unknown.join(', ')}`, {
      hint: `Steps of the team: ${known
        .filter((name) => !isGateStep(name) && name !== STEPS.rollCall)
        .map(stepTitle)
        .join(', ')}`,
    });
  }
  const containers = containersOf(workflow, options.container).filter(
    (name) => name !== options.except,
  );
  return steps
    .filter(({ name }) => wanted.length === 0 || wanted.some(([, one]) => one === name))
    .flatMap(({ attempts }) => attempts)
    .flatMap((node) =>
      containers.map((container) => ({
        step: (node.displayName ?? node.id).replace(/\(0\)$/, ''),
        container,
        node,
      })),
    );
}

/** The wanted container, or else those with our own programs: a database's log is long. */
function containersOf({ spec }: Workflow, wanted: string | undefined): readonly string[] {
  const inits = (spec.templates ?? []).flatMap(({ initContainers = [] }) =>
    initContainers.map(({ name }) => name),
  );
  const own = Object.values(CONTAINERS).filter(
    (name) => name === CONTAINERS.main || inits.includes(name),
  );
  if (wanted === undefined) return own;
  const known = [...new Set([...own, ...inits])];
  if (known.includes(wanted)) return [wanted];
  throw new Failure(`there is no container ${wanted}`, {
    hint: `Containers of the team: ${known.join(', ')}`,
  });
}

/** An exact match comes first, because a teammate may be called `lead`. */
function find(known: readonly string[], requested: string): string | undefined {
  if (known.includes(requested)) return requested;
  return known.find((name) => name.toLowerCase() === requested.toLowerCase());
}
