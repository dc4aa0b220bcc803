import type { AgentTeam } from '@agentteam/api';
import {
  canCarryToken,
  isModelApi,
  parseServiceUrl,
  placeOf,
  type ServiceUrl,
  serviceReferences,
  tokenHeader,
} from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { resolveEnvironment, type Service } from '../../resolve/environment.ts';
import type { CompileOptions } from '../../resolve/options.ts';
import { agentsOf } from '../agents.ts';
import { nearest } from '../nearest.ts';
import { environmentsOf } from './environment.ts';

/** Checks the services of a team, and the references to them in the values of variables. */
export function checkServices(team: AgentTeam): readonly Problem[] {
  return [
    ...declared(team).flatMap(({ service, path, index, list }) => [
      ...checkName(service, path, index, list),
      ...checkUrl(service.url, [...path, 'url']),
      ...checkHeader(service.header, [...path, 'header']),
    ]),
    ...checkReferencesTo(team),
  ];
}

interface Declared {
  readonly service: Service;
  readonly path: Problem['path'];
  readonly index: number;
  readonly list: readonly Service[];
}

function declared(team: AgentTeam): readonly Declared[] {
  return environmentsOf(team).flatMap(({ environment: { services = [] }, path }) =>
    services.map((service, index) => ({
      service,
      path: [...path, 'services', index],
      index,
      list: services,
    })),
  );
}

function checkName(
  { name }: Service,
  path: Problem['path'],
  index: number,
  list: readonly Service[],
): readonly Problem[] {
  if (list.findIndex((other) => other.name === name) === index) return [];
  const message = `\`${name}\` is listed twice`;
  const hint = 'remove or rename one of them';
  return [{ code: 'repeated-name', path: [...path, 'name'], message, hint }];
}

function checkUrl(text: string, path: Problem['path']): readonly Problem[] {
  const bad = (message: string, hint: string): readonly Problem[] => [
    { code: 'bad-service-url', path, message, hint },
  ];
  const url = parseServiceUrl(text);
  if (url === undefined) {
    return bad(
      'the URL of a service has a scheme, a host and a path, and nothing else',
      'for example https://registry.example.com/npm/; put a password into a Secret and set credentialsSecret',
    );
  }
  const place = placeOf(url.host);
  if (isModelApi(url.host)) return bad(...apiMessage(url));
  if (place === 'metadata') {
    return bad(
      `\`${url.host}\` is a link-local address, where clouds serve the credentials of the machine`,
      'use the address of a registry or an API',
    );
  }
  if (url.scheme === 'http' && place === 'public') {
    return bad(
      'without TLS, the credential and the downloads could be read and changed on their way',
      `use https://${url.host}; http is allowed on loopback and inside the cluster`,
    );
  }
  return [];
}

function apiMessage({ host }: ServiceUrl): readonly [message: string, hint: string] {
  return [
    `\`${host}\` serves models, and the cost of requests to a service is not counted`,
    'remove the service: agents reach models through the gateway already',
  ];
}

function checkHeader(header: string | undefined, path: Problem['path']): readonly Problem[] {
  if (header === undefined || canCarryToken(tokenHeader(header))) return [];
  const message = `the header \`${header}\` cannot carry a token`;
  const hint = 'for example Authorization: Bearer, or X-Api-Key';
  return [{ code: 'bad-service-header', path, message, hint }];
}

/**
 * Each reference must name a service of every agent that gets the variable. Only the first unknown one of a value
 * is reported: a value has room for thousands.
 */
function checkReferencesTo(team: AgentTeam): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const { agent, path } of agentsOf(team)) {
    const { env = [], services = [] } = resolveEnvironment(team, agent);
    const names = services.map(({ name }) => name);
    for (const { name, value = '' } of env) {
      const own = agent.environment?.env?.findIndex((variable) => variable.name === name) ?? -1;
      const common = team.spec.environment?.env?.findIndex((one) => one.name === name) ?? -1;
      const at =
        own >= 0 ? [...path, 'environment', 'env', own] : ['spec', 'environment', 'env', common];
      const key = JSON.stringify(at);
      if (problems.has(key)) continue;
      const unknown = serviceReferences(value).find((reference) => !names.includes(reference));
      if (unknown !== undefined)
        problems.set(key, unknownService(unknown, names, [...at, 'value']));
    }
  }
  return [...problems.values()];
}

function unknownService(
  reference: string,
  names: readonly string[],
  path: Problem['path'],
): Problem {
  const guess = nearest(reference, names);
  const known =
    names.length === 0 ? 'declare it in environment.services' : `services: ${names.join(', ')}`;
  return {
    code: 'unknown-service',
    path,
    message: `no service is named \`${reference}\``,
    hint: guess === undefined ? known : `did you mean \`\${services.${guess}}\`?`,
  };
}

/** Refuses services on the host of the Messages API, where their requests would not be counted. */
export function checkServiceHosts(team: AgentTeam, { api }: CompileOptions): readonly Problem[] {
  // A rehearsal's URL may contain `{agent}`.
  const upstream = parseServiceUrl(api?.apiUrl?.replaceAll(/[{}]/g, '') ?? '');
  if (upstream === undefined) return [];
  return declared(team).flatMap(({ service, path }): readonly Problem[] => {
    const url = parseServiceUrl(service.url);
    if (url === undefined || url.host !== upstream.host) return [];
    // A machine may serve other things at other ports of its loopback.
    if (placeOf(url.host) === 'loopback' && url.port !== upstream.port) return [];
    const [message, hint] = apiMessage(url);
    return [{ code: 'bad-service-url', path: [...path, 'url'], message, hint }];
  });
}

/** Warns of services that are reached without TLS. */
export function warnOfServices(team: AgentTeam): readonly Problem[] {
  return declared(team).flatMap(({ service, path }): readonly Problem[] => {
    const url = parseServiceUrl(service.url);
    if (url?.scheme !== 'http') return [];
    const isLoopback = placeOf(url.host) === 'loopback';
    return [
      {
        code: 'plain-http',
        path: [...path, 'url'],
        message: isLoopback
          ? `\`${url.host}\` is this machine with agentteam run, and on a cluster the agent's own pod`
          : `\`${url.host}\` is reached without TLS, so others in its network can read the credential`,
        hint: isLoopback
          ? 'on a cluster, use the address of a Service'
          : 'use https if the service has it',
      },
    ];
  });
}
