import { hostname } from 'node:os';
import { type CompileOptions, EXECUTOR } from '@agentteam/compiler';
import { FIGURES } from '@agentteam/contract';
import {
  type AllowPrivate,
  type Proxies,
  ProxySettingError,
  readAllowPrivate,
  readProxies,
} from '@agentteam/notify';
import type { ArgoServerConfig } from './argo/server.ts';
import { ConfigError } from './config-error.ts';
import { type PodOptions, readPodOptions } from './pod-options.ts';

/** Everything that can be set from outside, read once at the start. */
export interface Config {
  /** Namespaces to watch; empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** Namespace of the controller itself: its lease, its webhook certificate. */
  readonly ownNamespace: string;
  readonly identity: string;
  readonly image: string;
  readonly imagePullPolicy: PullPolicy;
  readonly pods: PodOptions;
  /** Service account under which Argo's executor reports from team pods. */
  readonly executorServiceAccount: string;
  readonly storageClass: string | undefined;
  readonly volumeSize: string | undefined;
  readonly pricesConfigMap: string | undefined;
  /** Of the Messages API, besides those whose cost gateways know. */
  readonly apiFeatures: readonly string[];
  readonly trustConfigMap: string | undefined;
  /** Base URL of the Messages API; `{agent}` in it becomes the agent's name. */
  readonly apiUrl: string | undefined;
  /** Base URL of the hosting service's REST API, where it does not follow from a repository's address. */
  readonly hostingUrl: string | undefined;
  /** Through which nodes in Argo's database are read; absent: they are not. */
  readonly argoServer: ArgoServerConfig | undefined;
  readonly concurrency: number;
  readonly relistMs: number;
  readonly livePollMs: number;
  readonly leaderElection: boolean;
  /** Replicas that share it, in their own namespace, take turns. */
  readonly leaseName: string;
  readonly metricsPort: number;
  /** How many teams have metric series of their own. */
  readonly teamSeries: number;
  readonly webhook: WebhookConfig | undefined;
  /** HMAC key for outgoing webhooks, as a file. */
  readonly webhookSecretFile: string | undefined;
  readonly allowPrivateWebhooks: AllowPrivate;
  /** Through which the controller's webhooks go, and what pods call that is not an agent. */
  readonly proxies: Proxies;
  /** Through which gates of channel email are mailed. */
  readonly mail: MailConfig | undefined;
  readonly logLevel: string;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
type PullPolicy = (typeof PULL_POLICIES)[number];
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

export interface WebhookConfig {
  readonly port: number;
  /** Directory with `tls.crt` and `tls.key`; read again when they change. */
  readonly certificateDirectory: string;
}

export interface MailConfig {
  /** File with the server's URL: it may hold a password. Read again at each mail. */
  readonly urlFile: string;
  readonly from: string;
}

/** What is set of the part that every command of the controller reads. @throws as `readConfig` does. */
export function readScope(env: Environment): Pick<Config, 'namespaces' | 'logLevel'> {
  return {
    namespaces: (env['AGENTTEAM_NAMESPACES'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    logLevel: oneOf(env, 'AGENTTEAM_LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

function oneOf<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const value = env[name]?.trim() || fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new ConfigError(`${name}=${value}: one of ${allowed.join(', ')} is expected`);
}

/**
 * @throws ConfigError naming the variable and what it takes.
 */
export function readConfig(env: Environment): Config {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const count = (name: string, fallback: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    const parsed = Number(value);
    if (Number.isSafeInteger(parsed) && parsed >= 0) return parsed;
    throw new ConfigError(`${name}=${value}: a whole number, zero or more, is expected`);
  };
  const flag = (name: string, fallback: boolean): boolean => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new ConfigError(`${name}=${value}: true or false is expected`);
  };
  const url = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined || isUrl(value)) return value;
    throw new ConfigError(`${name}=${value}: an http:// or https:// URL is expected`);
  };
  const image = text('AGENTTEAM_IMAGE');
  if (image === undefined) {
    throw new ConfigError('AGENTTEAM_IMAGE is not set: name the image that team pods run');
  }
  return {
    ...readScope(env),
    ownNamespace: text('POD_NAMESPACE') ?? 'agentteam-system',
    identity: text('POD_NAME') ?? `${hostname()}-${process.pid}`,
    image,
    imagePullPolicy: oneOf(env, 'AGENTTEAM_IMAGE_PULL_POLICY', PULL_POLICIES, 'IfNotPresent'),
    pods: readPodOptions(text),
    executorServiceAccount: text('AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT') ?? EXECUTOR,
    storageClass: text('AGENTTEAM_STORAGE_CLASS'),
    volumeSize: text('AGENTTEAM_VOLUME_SIZE'),
    pricesConfigMap: text('AGENTTEAM_PRICES_CONFIGMAP'),
    apiFeatures: apiFeatures(text('AGENTTEAM_API_FEATURES')),
    trustConfigMap: text('AGENTTEAM_TRUST_CONFIGMAP'),
    apiUrl: url('AGENTTEAM_API_URL'),
    hostingUrl: url('AGENTTEAM_HOSTING_URL'),
    argoServer: argoServer(
      text('AGENTTEAM_ARGO_SERVER_URL'),
      text('AGENTTEAM_ARGO_SERVER_CA_FILE'),
    ),
    concurrency: count('AGENTTEAM_CONCURRENCY', 16),
    relistMs: count('AGENTTEAM_RELIST_SECONDS', 600) * 1000,
    livePollMs: count('AGENTTEAM_LIVE_POLL_SECONDS', 5) * 1000,
    leaderElection: flag('AGENTTEAM_LEADER_ELECTION', true),
    leaseName: text('AGENTTEAM_LEASE_NAME') ?? 'agentteam-controller',
    metricsPort: count('AGENTTEAM_METRICS_PORT', 8080),
    teamSeries: count('AGENTTEAM_METRICS_TEAMS', 500),
    webhook: flag('AGENTTEAM_WEBHOOK', false)
      ? {
          port: count('AGENTTEAM_WEBHOOK_PORT', 9443),
          certificateDirectory: text('AGENTTEAM_WEBHOOK_CERTIFICATES') ?? '/etc/agentteam/webhook',
        }
      : undefined,
    webhookSecretFile: text('AGENTTEAM_WEBHOOK_SECRET_FILE'),
    allowPrivateWebhooks: allowPrivate(text('AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS')),
    proxies: proxiesOf(env),
    mail: mailConfig(text('AGENTTEAM_SMTP_URL_FILE'), text('AGENTTEAM_SMTP_FROM')),
  };
}

function apiFeatures(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  const bad = names.find((name) => !/^[a-z0-9_-]*$/.test(name));
  if (bad === undefined) return names.filter((name) => name !== '');
  throw new ConfigError(
    `AGENTTEAM_API_FEATURES: ${JSON.stringify(bad)} is no beta, tool type or field of the API`,
  );
}

/** What a compilation must know of the cluster. */
export function compileOptions(config: Config): CompileOptions {
  const { image, imagePullPolicy, executorServiceAccount, webhook, mail } = config;
  const { storageClass, volumeSize, pricesConfigMap, trustConfigMap } = config;
  const { apiUrl, hostingUrl, apiFeatures, proxies } = config;
  const { agentResources, stepResources, ...pods } = config.pods;
  return {
    containers: {
      image,
      imagePullPolicy,
      ...(agentResources !== undefined && { agentResources }),
      ...(stepResources !== undefined && { stepResources }),
    },
    pods: { ...pods, executorServiceAccount },
    storage: {
      ...(storageClass !== undefined && { storageClass }),
      ...(volumeSize !== undefined && { volumeSize }),
    },
    network: {
      ...(trustConfigMap !== undefined && { trustConfigMap }),
      ...(hostingUrl !== undefined && { hostingUrl }),
      allowPrivateWebhooks: config.allowPrivateWebhooks,
      ...((proxies.https ?? proxies.http) && {
        proxy: {
          ...(proxies.https && { https: proxies.https.href }),
          ...(proxies.http && { http: proxies.http.href }),
          exceptions: proxies.exceptions,
        },
      }),
    },
    api: {
      ...(apiUrl !== undefined && { apiUrl }),
      ...(apiFeatures.length > 0 && { apiFeatures }),
      ...(pricesConfigMap !== undefined && { pricesConfigMap }),
    },
    controller: {
      figuresSecret: FIGURES.secret,
      admission: webhook !== undefined,
      mailServer: mail !== undefined,
    },
  };
}

function argoServer(
  url: string | undefined,
  caFile: string | undefined,
): ArgoServerConfig | undefined {
  if (url === undefined) return undefined;
  if (isUrl(url)) return { url, caFile };
  throw new ConfigError(`AGENTTEAM_ARGO_SERVER_URL=${url}: an http:// or https:// URL is expected`);
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function mailConfig(urlFile: string | undefined, from: string | undefined): MailConfig | undefined {
  if (urlFile === undefined && from === undefined) return undefined;
  if (urlFile !== undefined && from !== undefined) return { urlFile, from };
  const missing = from === undefined ? 'AGENTTEAM_SMTP_FROM' : 'AGENTTEAM_SMTP_URL_FILE';
  throw new ConfigError(`${missing} is not set: mail takes a server and a sender`);
}

function allowPrivate(value = 'false'): AllowPrivate {
  const allowed = readAllowPrivate(value);
  if (allowed !== undefined) return allowed;
  const expected = 'true, false or proxied is expected';
  throw new ConfigError(`AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=${value}: ${expected}`);
}

function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies {
  try {
    return readProxies(env);
  } catch (error) {
    throw error instanceof ProxySettingError ? new ConfigError(error.message) : error;
  }
}
