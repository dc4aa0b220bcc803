import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { type AgentSpec, type ChecksSpec, ENV, STEPS } from '@agentteam/contract';

/** How a Workflow that has ended goes on as another one. */
export type Changes =
  | {
      /** Steps that are done again although they succeeded, because their part of the spec is another. */
      readonly steps: readonly string[];
    }
  /** One sentence without a full stop: why nothing of the run can be kept. */
  | { readonly refused: string };

interface Step {
  readonly task: DAGTask;
  readonly template: Template;
}

type Steps = ReadonlyMap<string, Step>;

/**
 * Compares what the steps of a Workflow that has ended were asked to do with what a newly compiled one asks
 * of them. Limits of money and time, credentials and names of branches do not change work that is done.
 * @param before with its status. Everybody who may patch the Workflow may have written anything into it.
 */
export function changesOf(before: Workflow, after: Workflow): Changes {
  try {
    return compare(before, after);
  } catch {
    return { refused: 'the Workflow is not the one that was compiled for the team' };
  }
}

function compare(before: Workflow, after: Workflow): Changes {
  const [old, now] = [stepsOf(before), stepsOf(after)];
  const refused = refusalOf(old, now);
  if (refused !== undefined) return { refused };
  const changed = [...now.keys()].filter((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    return was !== undefined && is !== undefined && workOf(was) !== workOf(is);
  });
  const repeated = new Set(changed);
  const succeeded = succeededIn(before);
  // A step that is yet to run compares what its gate supplies with what the new spec asks for.
  const behind = [...now].filter(
    ([name, { task }]) =>
      task.when !== old.get(name)?.task.when && (!succeeded.has(name) || repeated.has(name)),
  );
  for (const [, { task }] of behind) {
    for (const gate of gatesIn(task, now)) if (old.has(gate)) repeated.add(gate);
  }
  return { steps: [...repeated] };
}

function stepsOf({ spec }: Workflow): Steps {
  const templates = new Map(spec.templates?.map((template) => [template.name, template]));
  const tasks = templates.get(spec.entrypoint)?.dag?.tasks ?? [];
  return new Map(
    tasks.flatMap((task): [string, Step][] => {
      const template = templates.get(task.template);
      return template === undefined ? [] : [[task.name, { task, template }]];
    }),
  );
}

function refusalOf(old: Steps, now: Steps): string | undefined {
  const [had, has] = [agentsIn(old), agentsIn(now)];
  const others = [
    ...had.filter((name) => !has.includes(name)),
    ...has.filter((name) => !had.includes(name)),
  ];
  if (others.length > 0) {
    return `a retry keeps the team's agents, and ${others.join(', ')} would be added or removed`;
  }
  const field = (['url', 'branch', 'worktreeStrategy'] as const).find(
    (one) => repositoryOf(old)?.[one] !== repositoryOf(now)?.[one],
  );
  return field === undefined
    ? undefined
    : `a retry goes on in the repository that the team began with, and spec.repository.${field} is another`;
}

function agentsIn(steps: Steps): readonly string[] {
  return [...steps].filter(([, step]) => isAgent(step)).map(([name]) => name);
}

function isAgent(step: Step | undefined): boolean {
  return step?.template.name?.startsWith('agent-') === true;
}

function repositoryOf(steps: Steps): AgentSpec['repository'] {
  const lead = steps.get(STEPS.lead);
  return lead && (specOf(lead) as AgentSpec | undefined)?.repository;
}

function specOf({ template }: Step): unknown {
  const text = template.container?.env?.find(({ name }) => name === ENV.spec)?.value;
  return text === undefined ? undefined : JSON.parse(text);
}

/** What a step does, as text that differs where the work does. */
function workOf(step: Step): string {
  const spec = specOf(step);
  switch (step.task.name) {
    case STEPS.checks: {
      // The lead's own part is compared with the lead's step.
      const { lead: _lead, repository: _repository, ...checks } = spec as ChecksSpec;
      return JSON.stringify(checks);
    }
    case STEPS.deliver:
      return JSON.stringify(spec);
    default:
      return (spec as Partial<AgentSpec> | undefined)?.work ?? '';
  }
}

function succeededIn({ status }: Workflow): ReadonlySet<string> {
  const nodes = Object.values(status?.nodes ?? {});
  const succeeded = nodes.filter(({ phase }) => phase === 'Succeeded');
  return new Set(succeeded.map(({ displayName = '' }) => displayName));
}

function gatesIn({ depends = '' }: DAGTask, steps: Steps): readonly string[] {
  const named: readonly string[] = depends.match(/[\w-]+/g) ?? [];
  return named.filter((name) => steps.get(name)?.template.suspend !== undefined);
}
