import type { Template, Workflow } from '@agentteam/argo';
import { CONTAINERS, ENV, type FinishSpec, type GatewaySpec } from '@agentteam/contract';
import { specJson } from './spec-json.ts';

/**
 * A compiled Workflow with another limit for the whole team, for a run that goes on with more money.
 * Limits of single agents stay.
 * @param limit US dollars as decimal text.
 */
export function withTeamLimit(workflow: Workflow, limit: string): Workflow {
  const { spec } = workflow;
  const templates = (spec.templates ?? []).map((template): Template => {
    const { name, container, initContainers } = template;
    const total: Partial<FinishSpec> = { budgetLimit: limit };
    const gateway: Partial<GatewaySpec> = { teamLimit: limit };
    return {
      ...template,
      ...(container && name === 'finish' && { container: told(container, total) }),
      ...(initContainers && {
        initContainers: initContainers.map((one) =>
          one.name === CONTAINERS.gateway ? told(one, gateway) : one,
        ),
      }),
    };
  });
  return { ...workflow, spec: { ...spec, templates } };
}

/** The limit for the whole team that a compiled Workflow's last step is told of: US dollars as decimal text. */
export function teamLimitOf({ spec }: Workflow): string | undefined {
  const finish = spec.templates?.find(({ name }) => name === 'finish')?.container;
  const told = finish?.env?.find(({ name }) => name === ENV.spec)?.value;
  return told === undefined ? undefined : (JSON.parse(told) as FinishSpec).budgetLimit;
}

/** A container whose spec says something else. */
function told<C extends NonNullable<Template['container']>>(container: C, changes: object): C {
  const env = container.env?.map((variable) =>
    variable.name === ENV.spec
      ? { ...variable, value: specJson({ ...JSON.parse(variable.value ?? '{}'), ...changes }) }
      : variable,
  );
  return env === undefined ? container : { ...container, env };
}
