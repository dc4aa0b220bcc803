import type { AgentTeam } from '@agentteam/api';
import { isReservedVariable } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { checkObjectName } from '../secrets/object-name.ts';

type Environment = NonNullable<AgentTeam['spec']['environment']>;
type Variable = NonNullable<Environment['env']>[number];

/** The environments of a team as they are written, each with its path. */
export function environmentsOf(
  team: AgentTeam,
): readonly { readonly environment: Environment; readonly path: Problem['path'] }[] {
  const places = [{ agent: team.spec, path: ['spec'] }, ...agentsOf(team)];
  return places.flatMap(({ agent: { environment }, path }) =>
    environment === undefined ? [] : [{ environment, path: [...path, 'environment'] }],
  );
}

/** Checks images' pull secrets and variables. */
export function checkEnvironment(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment, path }) => [
    ...(environment.imagePullSecrets ?? []).flatMap((name, index) =>
      checkObjectName(name, [...path, 'imagePullSecrets', index]),
    ),
    ...(environment.env ?? []).flatMap((variable, index, all) =>
      checkVariable(variable, index, all, [...path, 'env', index]),
    ),
  ]);
}

function checkVariable(
  { name, value, valueFrom }: Variable,
  index: number,
  all: readonly Variable[],
  path: Problem['path'],
): readonly Problem[] {
  const { configMapKeyRef, fieldRef } = valueFrom ?? {};
  const problems: Problem[] = [];
  if (all.findIndex((other) => other.name === name) !== index) {
    const message = `\`${name}\` is listed twice`;
    const hint = 'remove or rename one of them';
    problems.push({ code: 'repeated-name', path: [...path, 'name'], message, hint });
  }
  if (isReservedVariable(name)) problems.push(reserved(name, [...path, 'name']));
  if (value?.includes('\0')) {
    const message = `the value of \`${name}\` contains a NUL character, which no variable can hold`;
    problems.push({ code: 'wrong-form', path: [...path, 'value'], message });
  }
  if (configMapKeyRef !== undefined) {
    const at = [...path, 'valueFrom', 'configMapKeyRef'];
    problems.push(...checkObjectName(configMapKeyRef.name, [...at, 'name']));
    if (!KEY.test(configMapKeyRef.key)) {
      const message = `\`${configMapKeyRef.key}\` is not a valid key of a ConfigMap`;
      const hint = 'use letters, digits, hyphens, underscores and dots';
      problems.push({ code: 'wrong-form', path: [...at, 'key'], message, hint });
    }
  }
  if (fieldRef !== undefined && !FIELD.test(fieldRef.fieldPath)) {
    problems.push({
      code: 'not-allowed',
      path: [...path, 'valueFrom', 'fieldRef', 'fieldPath'],
      message: `\`${fieldRef.fieldPath}\` is not a field that a variable can show`,
      hint: FIELDS_HINT,
    });
  }
  return problems;
}

/** Keys of ConfigMaps, as Kubernetes limits them. */
const KEY = /^(?!\.{1,2}$)[-._a-zA-Z0-9]{1,253}$/;

/** Fields that Kubernetes offers to variables. Source: pkg/apis/core/validation, Kubernetes 1.34. */
const FIELD =
  /^(metadata\.(name|namespace|uid|(labels|annotations)\['[a-zA-Z0-9./_-]+'\])|spec\.(nodeName|serviceAccountName)|status\.(host|pod)IPs?)$/;
const FIELDS_HINT =
  "for example: metadata.name, metadata.namespace, metadata.labels['KEY'], spec.nodeName, status.podIP";

function reserved(name: string, path: Problem['path']): Problem {
  const isProxy = /_proxy$/i.test(name);
  return {
    code: 'reserved-variable',
    path,
    message: isProxy
      ? `\`${name}\` is reserved: it would lead the agent's requests past its gateway`
      : `\`${name}\` is reserved: agentteam sets it for the agent's processes`,
    hint: isProxy
      ? "use the settings of the package manager, such as a registry's address"
      : 'choose another name, or remove the variable',
  };
}
