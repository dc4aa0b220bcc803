import { dirname, join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS, ENV, RUNNER } from '@agentteam/contract';
import type { ExecuteOptions } from '@agentteam/local';
import { readGatewayAddress, readGatewayFailure } from '@agentteam/volume';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { GATEWAY_VOLUME } from '../host/local-team.ts';
import type { RunRecord } from '../host/runs-directory.ts';
import { claudeProgram, runnerProgram } from '../inputs/programs.ts';
import type { SecretValues } from '../inputs/secret-files.ts';

/**
 * What the engine must know of this machine to execute a run.
 * @param sandbox whether agents run in one. Steps that run our own code alone never do: they hold
 * credentials, and reach repositories that agents must not see.
 */
export function engineOptions(
  context: Context,
  record: RunRecord,
  workflow: Workflow,
  secrets: ReadonlyMap<string, SecretValues>,
  sandbox: boolean,
): Omit<ExecuteOptions, 'onEvent'> {
  const runner = runnerProgram();
  const claude = claudeProgram(context.env);
  const agents = new Set(agentTemplates(record, workflow));
  const isAgent = (template: string, container: string): boolean =>
    agents.has(template) && container === CONTAINERS.main;
  const network = networkSettings(context.env);
  return {
    signal: context.signal,
    programs: {
      commands: { [RUNNER]: runner.command },
      directories: [dirname(process.execPath), ...runner.directories, dirname(claude)],
      path: [dirname(process.execPath)],
    },
    claims: record.claims,
    configMaps: record.configMaps,
    secrets: Object.fromEntries(secrets),
    sandboxed: (template, container) => sandbox && isAgent(template, container),
    env: (template, container) => {
      if (container === CONTAINERS.gateway) {
        return { ...network, [ENV.gatewayPort]: '0', [ENV.statusPort]: '0' };
      }
      return {
        ...(isAgent(template, container) ? {} : network),
        [ENV.claude]: claude,
      };
    },
    portOf,
  };
}

/**
 * Templates of the pods in which agents run: those that have a gateway.
 * @throws Failure for a run of a release that made them in another way: its agents would not be known.
 */
function agentTemplates({ run }: RunRecord, { spec }: Workflow): readonly string[] {
  const templates = spec.templates ?? [];
  if (templates.some(({ sidecars }) => sidecars !== undefined)) {
    throw new Failure(
      `${run} was started by an older release, and cannot be continued by this one`,
      {
        wayOut: 'Start the team anew: agentteam run',
      },
    );
  }
  return templates
    .filter(({ initContainers = [] }) =>
      initContainers.some(({ name }) => name === CONTAINERS.gateway),
    )
    .map(({ name = '' }) => name);
}

/** The port at which a gateway serves its figures on this machine, where all share one loopback. */
const portOf: NonNullable<ExecuteOptions['portOf']> = async (podDirectory, container, port) => {
  if (container !== CONTAINERS.gateway) return port;
  const volume = join(podDirectory, 'volumes', GATEWAY_VOLUME);
  const found = (await readGatewayAddress(volume)) ?? (await readGatewayFailure(volume));
  return found && Number(new URL(found.statusUrl).port);
};

/** How this machine reaches the world. Agents reach it through their gateways alone. */
const NETWORK_VARIABLES = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
];

function networkSettings(env: Context['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NETWORK_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
