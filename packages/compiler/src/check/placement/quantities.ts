import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { environmentsOf } from '../environment.ts';

type Quantities = Readonly<Record<string, string | number>>;

/** Checks that no container requests more than its limits: Kubernetes would refuse its pod. */
export function checkQuantities(team: AgentTeam): readonly Problem[] {
  const all = [
    ...environmentsOf(team).map(({ environment, path }) => ({ owner: environment, path })),
    ...agentsOf(team).map(({ agent, path }) => ({ owner: agent, path })),
  ];
  return all.flatMap(({ owner: { resources = {} }, path }) => {
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
  });
}

const POWERS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const QUANTITY = /^([+-]?[0-9.]+)(?:([KMGTPE])i|([numkMGTPE])|[eE]([+-]?[0-9]+))?$/;

/** The number that a quantity of Kubernetes stands for. Not a number for a text that is no quantity. */
export function amountOf(quantity: string | number): number {
  const [, digits = 'NaN', binary, decimal, exponent = '0'] = QUANTITY.exec(String(quantity)) ?? [];
  const number = Number(digits);
  if (binary !== undefined) return number * 1024 ** POWERS.indexOf(binary.replace('K', 'k'));
  if (decimal === undefined) return number * 10 ** Number(exponent);
  const small = ['m', 'u', 'n'].indexOf(decimal);
  return number * 1000 ** (small >= 0 ? -(small + 1) : POWERS.indexOf(decimal));
}
