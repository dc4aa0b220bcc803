import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { type AgentSpec, type ChecksSpec, isTeammateTemplate, STEPS } from '@agentteam/contract';
import { specText } from '../emit/emitted-spec.ts';

/** What a retry with a changed spec must repeat. */
export type Changes =
  | {
      /** Steps that are repeated although they succeeded, because their part of the spec has changed. */
      readonly steps: readonly string[];
    }
  /** Why the run cannot continue with the new spec. One sentence without a full stop. */
  | { readonly refused: string };

interface Step {
  readonly task: DAGTask;
  readonly template: Template;
}

type Steps = ReadonlyMap<string, Step>;

/**
 * Compares the steps of a Workflow that has ended with those of a newly compiled one. Changed limits of money
 * and time, credentials and branch names do not change work that is done.
 * @param before with its status. It is untrusted: users who may patch Workflows can write anything into it.
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
  // A step that will run compares its gate's output with the new spec's condition, so the gate must open again.
  const behindChangedGates = [...now].filter(
    ([name, { task }]) =>
      task.when !== old.get(name)?.task.when && (!succeeded.has(name) || repeated.has(name)),
  );
  for (const [, { task }] of behindChangedGates) {
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
  const [had, has] = [teammatesIn(old), teammatesIn(now)];
  const others = [
    ...had.filter((name) => !has.includes(name)),
    ...has.filter((name) => !had.includes(name)),
  ];
  if (others.length > 0) {
    return `a retry cannot add or remove teammates: ${others.join(', ')}`;
  }
  const field = (['url', 'branch', 'worktreeStrategy'] as const).find(
    (one) => repositoryOf(old)?.[one] !== repositoryOf(now)?.[one],
  );
  return field === undefined
    ? undefined
    : `a retry continues in the repository that the team started with, so spec.repository.${field} cannot change`;
}

function teammatesIn(steps: Steps): readonly string[] {
  return [...steps]
    .filter(([, { template }]) => isTeammateTemplate(template.name))
    .map(([name]) => name);
}

function repositoryOf(steps: Steps): AgentSpec['repository'] {
  const lead = steps.get(STEPS.lead);
  return lead && (specOf(lead) as AgentSpec | undefined)?.repository;
}

function specOf({ template }: Step): unknown {
  const text = specText(template);
  return text === undefined ? undefined : JSON.parse(text);
}

/** A text that differs where the step's work does. */
function workOf(step: Step): string {
  const spec = specOf(step);
  switch (step.task.name) {
    case STEPS.checks: {
      // The lead's part is compared with the lead's own step.
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
