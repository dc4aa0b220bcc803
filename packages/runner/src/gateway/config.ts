import { readFile } from 'node:fs/promises';
import {
  type CredentialRef,
  ENV,
  FILES,
  type GatewaySpec,
  type McpServerRef,
  type Money,
  PATHS,
  PORTS,
  type ProviderRef,
  parseMoney,
  type ServiceRef,
  under,
  type WorkloadIdentity,
} from '@agentteam/contract';
import { PRICES, type PriceTable, readPrices } from '@agentteam/ledger';
import { type Proxies, readProxies } from '@agentteam/notify/proxies';
import { mounted } from '../step/mounted.ts';
import { type Reach, readReach } from './outbound/reach.ts';
import { type ApiFeatures, apiFeatures } from './request/api-features.ts';
import { readService, type Service } from './services/service.ts';

/** The gateway's configuration, read once at its start. */
export interface GatewayConfig {
  readonly team: string;
  readonly namespace: string;
  readonly agent: string;
  /** UID of the Workflow, for which figures are proven. */
  readonly run: string;
  readonly limits: { readonly team?: Money; readonly agent?: Money };
  readonly onLimit: GatewaySpec['onLimit'];
  readonly onProviderLimit: GatewaySpec['onProviderLimit'];
  /** The agent's model, as the team's spec has it. */
  readonly model: string;
  /** The model provider. Absent: Anthropic. */
  readonly provider?: ProviderRef;
  /** How to authenticate to it without a Secret. */
  readonly workloadIdentity?: WorkloadIdentity;
  /** Base URL of the service that issues tokens for it. Absent: the provider's own. */
  readonly tokenUrl?: string;
  /** The directory that takes the place of `/`; empty in a pod. */
  readonly root: string;
  /** Name of the Secret that `credentials/api` is mounted from. */
  readonly secret: string | undefined;
  /** See {@link GatewaySpec.credentials}. Empty: the team has one credential or none. */
  readonly credentials: readonly CredentialRef[];
  /** Whether this is the embedded engine, where credentials come from this machine's environment. */
  readonly isLocal: boolean;
  readonly mcpServers: readonly McpServerRef[];
  readonly services: readonly Service[];
  readonly features: ApiFeatures;
  readonly record: boolean;
  /** Base URL of the provider's API. Its path, if it has one, comes before those of the requests. */
  readonly upstream: URL;
  readonly proxies: Proxies;
  /** A port on loopback, or `socket` for an agent in its own network namespace. */
  readonly gatewayPort: number | 'socket';
  /** Destinations of the agent's own connections; absent when it may make none. */
  readonly reach?: Reach;
  readonly statusPort: number;
  readonly statusHost: string;
  /** Argo's file for the step's progress, and whether to write the agent's tasks to it. */
  readonly progress?: { readonly file: string; readonly follows: boolean };
  readonly prices: PriceTable;
  readonly directories: GatewayDirectories;
}

export interface GatewayDirectories {
  readonly gateway: string;
  readonly ledger: string;
  readonly control: string;
  readonly state: string;
  readonly teams: string;
  readonly tasks: string;
  readonly credentials: string;
}

/** A spec or environment variable that the gateway cannot use. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
}

/** Address of the status server. In a pod, the kubelet and Prometheus need to reach it; on a laptop, nobody else should. */
export function statusAddress(env: NodeJS.ProcessEnv): {
  readonly port: number;
  readonly host: string;
} {
  const local = env[ENV.engine] === 'local';
  return {
    port: port(env[ENV.statusPort], PORTS.status),
    host: local ? '127.0.0.1' : '0.0.0.0',
  };
}

/** @throws ConfigError, PricesError, ProxySettingError, ReachError */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<GatewayConfig> {
  const spec = readSpec(env[ENV.spec]);
  const root = env[ENV.root] ?? '';
  const status = statusAddress(env);
  const progressFile = env[ENV.progress];
  const reach = env[ENV.reach];
  const tokenUrl = env[ENV.tokenUrl];
  return {
    team: spec.team,
    namespace: spec.namespace,
    agent: spec.agent,
    run: env[ENV.run] ?? '',
    limits: {
      ...(spec.teamBudgetLimit === undefined
        ? {}
        : { team: limit(spec.teamBudgetLimit, 'teamBudgetLimit') }),
      ...(spec.agentBudgetLimit === undefined
        ? {}
        : { agent: limit(spec.agentBudgetLimit, 'agentBudgetLimit') }),
    },
    onLimit: spec.onLimit,
    onProviderLimit: spec.onProviderLimit,
    model: spec.model,
    ...(spec.provider !== undefined && { provider: spec.provider }),
    ...(spec.workloadIdentity !== undefined && { workloadIdentity: spec.workloadIdentity }),
    ...(tokenUrl ? { tokenUrl: httpUrl(tokenUrl, ENV.tokenUrl).href.replace(/\/$/, '') } : {}),
    root,
    secret: spec.secret,
    credentials: spec.credentials ?? [],
    isLocal: env[ENV.engine] === 'local',
    mcpServers: spec.mcpServers,
    services: (spec.services ?? []).map(serviceOf),
    features: apiFeatures(spec.apiFeatures ?? []),
    record: spec.record,
    upstream: httpUrl(env[ENV.upstream] || 'https://api.anthropic.com', ENV.upstream),
    proxies: readProxies(env),
    gatewayPort:
      env[ENV.gatewaySocket] === 'true' ? 'socket' : port(env[ENV.gatewayPort], PORTS.gateway),
    ...(reach ? { reach: readReach(reach) } : {}),
    statusPort: status.port,
    statusHost: status.host,
    ...(progressFile !== undefined && {
      progress: { file: progressFile, follows: spec.progress },
    }),
    prices: await readPriceTable(`${under(root, PATHS.prices)}/${FILES.prices}`),
    directories: {
      gateway: await mounted(root, PATHS.gateway),
      ledger: await mounted(root, PATHS.ledger),
      control: await mounted(root, PATHS.control),
      state: await mounted(root, PATHS.state),
      teams: await mounted(root, PATHS.teams),
      tasks: await mounted(root, PATHS.tasks),
      credentials: await mounted(root, PATHS.credentials),
    },
  };
}

function readSpec(text: string | undefined): GatewaySpec {
  if (!text) throw new ConfigError(`${ENV.spec} is not set`);
  let spec: Partial<GatewaySpec>;
  try {
    spec = JSON.parse(text) as Partial<GatewaySpec>;
  } catch (cause) {
    throw new ConfigError(`${ENV.spec} is not JSON`, { cause });
  }
  const { team, agent, model, onLimit, onProviderLimit, mcpServers } = spec;
  if (!team || !agent || !model || !onLimit || !onProviderLimit || !Array.isArray(mcpServers)) {
    throw new ConfigError(
      `${ENV.spec} lacks team, agent, model, onLimit, onProviderLimit or mcpServers`,
    );
  }
  for (const server of mcpServers) httpUrl(server.url, `the MCP server ${server.name}`);
  return withBudgetLimits(spec as GatewaySpec);
}

/** The names that the budget limits had in Workflows of version 0.1. */
interface EarlierLimits {
  readonly teamLimit?: string;
  readonly agentLimit?: string;
}

/** A Workflow of an earlier version must not lose its limits when this version continues it. */
function withBudgetLimits({
  teamLimit,
  agentLimit,
  ...spec
}: GatewaySpec & EarlierLimits): GatewaySpec {
  return {
    ...(teamLimit !== undefined && { teamBudgetLimit: teamLimit }),
    ...(agentLimit !== undefined && { agentBudgetLimit: agentLimit }),
    ...spec,
  };
}

async function readPriceTable(path: string): Promise<PriceTable> {
  const yaml = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return yaml === undefined ? PRICES : readPrices(yaml);
}

function limit(text: string, field: string): Money {
  try {
    return parseMoney(text);
  } catch (cause) {
    throw new ConfigError(`${field}: ${(cause as Error).message}`, { cause });
  }
}

function serviceOf(ref: ServiceRef): Service {
  const service = readService(ref);
  if (service !== undefined) return service;
  throw new ConfigError(`the service ${ref.name}: ${JSON.stringify(ref.url)} is not its URL`);
}

function httpUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ConfigError(`${what}: ${JSON.stringify(text)} is not an http(s) URL`);
}

function port(text: string | undefined, otherwise: number): number {
  const value = text === undefined || text === '' ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new ConfigError(`${JSON.stringify(text)} is not a port`);
}
