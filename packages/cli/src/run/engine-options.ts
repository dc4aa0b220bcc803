import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS, ENV, RUNNER, RUNTIME } from '@agentteam/contract';
import type { ExecuteOptions, SecretSource } from '@agentteam/local';
import { readGatewayAddress, readGatewayFailure } from '@agentteam/volume';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { GATEWAY_VOLUME } from '../teams/local/local-team.ts';
import type { RunRecord } from '../teams/local/run-record.ts';
import type { ImageContainers } from './image-containers.ts';
import { claudeFiles, claudeProgram, nodePrograms, runnerProgram } from './inputs/programs.ts';

/**
 * Makes the engine's options for a run on this machine.
 * @param sandbox whether agents run in a sandbox. Steps that run only our own code never do: they hold
 * credentials and use repositories that agents must not see.
 * @param images runs the containers of the run that have images; undefined if there are none.
 */
export function engineOptions(
  context: Context,
  record: RunRecord,
  workflow: Workflow,
  secrets: ReadonlyMap<string, SecretSource>,
  sandbox: boolean,
  images: ImageContainers | undefined,
): Omit<ExecuteOptions, 'onEvent'> {
  const runner = runnerProgram();
  // The real path, because a sandbox contains the program but not the links to it.
  const claude = realpathSync(claudeProgram(context.env));
  const agents = new Set(agentTemplates(record, workflow));
  const isAgent = (template: string, container: string): boolean =>
    agents.has(template) && container === CONTAINERS.main;
  const inImage = new Set(
    (workflow.spec.templates ?? [])
      .filter((template) => template.container?.command?.[0] === RUNTIME.runner[0])
      .map(({ name = '' }) => name),
  );
  const network = networkSettings(context.env);
  const authorities = authorityFiles(context.env);
  const { network: sandboxNetwork = 'own', reach = [] } = record.options;
  const ownNetwork = sandbox && sandboxNetwork === 'own';
  return {
    signal: context.signal,
    programs: {
      commands: { [RUNNER]: runner.command },
      directories: [
        ...nodePrograms(),
        ...runner.directories,
        claudeFiles(claude),
        ...Object.values(authorities),
      ],
      path: [dirname(process.execPath)],
      userPath: context.env['PATH'] ?? '',
    },
    claims: record.claims,
    configMaps: record.configMaps,
    secrets: Object.fromEntries(secrets),
    sandboxed: (template, container) => sandbox && isAgent(template, container),
    network: sandboxNetwork,
    env: (template, container) => {
      if (container === CONTAINERS.gateway) {
        return {
          ...network,
          [ENV.gatewayPort]: '0',
          [ENV.statusPort]: '0',
          ...(ownNetwork && {
            [ENV.gatewaySocket]: 'true',
            [ENV.reach]: ['public', ...reach].join(','),
          }),
        };
      }
      const socket = ownNetwork ? { [ENV.gatewaySocket]: 'true' } : {};
      // Nothing else of this machine exists in the agent's image.
      if (container === CONTAINERS.main && inImage.has(template)) return socket;
      return {
        ...(isAgent(template, container) ? { ...authorities, ...socket } : network),
        [ENV.claude]: claude,
      };
    },
    portOf,
    ...images,
  };
}

/**
 * The templates of agent pods, which are those with a gateway.
 * @throws Failure for a run of an older release, whose Workflow does not show which pods have agents.
 */
function agentTemplates({ run }: RunRecord, { spec }: Workflow): readonly string[] {
  const templates = spec.templates ?? [];
  if (templates.some(({ sidecars }) => sidecars !== undefined)) {
    throw new Failure(
      `${run} was started by an older release, and this release cannot continue it`,
      { hint: 'Start a new run of the team: agentteam run FILE' },
    );
  }
  return templates
    .filter(({ initContainers = [] }) =>
      initContainers.some(({ name }) => name === CONTAINERS.gateway),
    )
    .map(({ name = '' }) => name);
}

/** The port on which a gateway serves its figures. On this machine every gateway has its own. */
export const portOf: NonNullable<ExecuteOptions['portOf']> = async (
  podDirectory,
  container,
  port,
) => {
  if (container !== CONTAINERS.gateway) return port;
  const volume = join(podDirectory, 'volumes', GATEWAY_VOLUME);
  const found = (await readGatewayAddress(volume)) ?? (await readGatewayFailure(volume));
  return found && Number(new URL(found.statusUrl).port);
};

/** Settings for outbound traffic. Agents do not get them, because their traffic goes through gateways. */
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

/** Files with certificate authorities that this machine trusts, so that agents trust them too. */
function authorityFiles(env: Context['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'].flatMap((name) => {
      const file = env[name];
      return file !== undefined && existsSync(file) ? [[name, resolve(file)]] : [];
    }),
  );
}

function networkSettings(env: Context['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NETWORK_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
