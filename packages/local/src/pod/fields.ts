import type { Container, Template, UserContainer } from '@agentteam/argo';

/** The fields of a pod that exist on this machine. */
export const POD_FIELDS = ['metadata.name', 'metadata.namespace'] as const;

export type PodFields = Readonly<Record<(typeof POD_FIELDS)[number], string>>;

export function isPodField(path: string): path is keyof PodFields {
  return (POD_FIELDS as readonly string[]).includes(path);
}

/** Gives variables that show a field of the pod (`valueFrom.fieldRef`) their value. */
export function withFields(template: Template, fields: PodFields): Template {
  const { container, initContainers, sidecars } = template;
  return {
    ...template,
    ...(container && { container: resolved(container, fields) }),
    ...(initContainers && { initContainers: initContainers.map((one) => resolved(one, fields)) }),
    ...(sidecars && { sidecars: sidecars.map((one) => resolved(one, fields)) }),
  };
}

function resolved<One extends Container | UserContainer>(container: One, fields: PodFields): One {
  if (container.env === undefined) return container;
  const env = container.env.map((variable) => {
    const path = variable.valueFrom?.fieldRef?.fieldPath ?? '';
    return isPodField(path) ? { name: variable.name, value: fields[path] } : variable;
  });
  return { ...container, env };
}
