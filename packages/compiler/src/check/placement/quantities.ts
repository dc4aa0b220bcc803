import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { environmentsOf } from '../environment/environment.ts';

type Quantities = Readonly<Record<string, string | number>>;

/**
 * Checks the names of resources, and that no container requests more than its limits: Kubernetes would refuse its
 * pod.
 */
export function checkQuantities(team: AgentTeam): readonly Problem[] {
  const all = [
    ...environmentsOf(team).flatMap(({ environment, path }) => [
      { owner: environment, path },
      ...(environment.sidecars ?? []).map((owner, index) => ({
        owner,
        path: [...path, 'sidecars', index],
      })),
    ]),
    ...agentsOf(team).map(({ agent, path }) => ({ owner: agent, path })),
  ];
  return [...all.flatMap(checkNames), ...all.flatMap(checkLimits)];
}

interface Owner {
  readonly owner: { readonly resources?: { readonly requests?: object; readonly limits?: object } };
  readonly path: Problem['path'];
}

/** Kubernetes' rule for the names of resources. Argo would evaluate braces. */
const NAME = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

function checkNames({ owner: { resources = {} }, path }: Owner): readonly Problem[] {
  return (['requests', 'limits'] as const).flatMap((list) =>
    Object.keys(resources[list] ?? {})
      .filter((name) => !NAME.test(name))
      .map((name) => ({
        code: 'wrong-form',
        path: [...path, 'resources', list, name],
        message: `\`${name}\` cannot be the name of a resource`,
        hint: 'for example: cpu, memory, nvidia.com/gpu',
      })),
  );
}

function checkLimits({ owner: { resources = {} }, path }: Owner): readonly Problem[] {
  const requests = (resources.requests ?? {}) as Quantities;
  const limits = (resources.limits ?? {}) as Quantities;
  return Object.entries(requests).flatMap(([name, request]) => {
    const limit = limits[name];
    if (limit === undefined || amountOf(request) <= amountOf(limit)) return [];
    return [
      {
        code: 'request-above-limit',
        path: [...path, 'resources', 'requests', name],
        message: `the request for ${name} (${request}) is above its limit (${limit})`,
        hint: `lower the request, or raise resources.limits.${name}`,
      },
    ];
  });
}

const POWERS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const QUANTITY = /^([+-]?[0-9.]+)(?:([KMGTPE])i|([numkMGTPE])|[eE]([+-]?[0-9]+))?$/;

/** The number that a quantity of Kubernetes stands for. Not a number for a text that is no quantity. */
function amountOf(quantity: string | number): number {
  const [, digits = 'NaN', binary, decimal, exponent = '0'] = QUANTITY.exec(String(quantity)) ?? [];
  const number = Number(digits);
  if (binary !== undefined) return number * 1024 ** POWERS.indexOf(binary.replace('K', 'k'));
  if (decimal === undefined) return number * 10 ** Number(exponent);
  const small = ['m', 'u', 'n'].indexOf(decimal);
  return number * 1000 ** (small >= 0 ? -(small + 1) : POWERS.indexOf(decimal));
}
