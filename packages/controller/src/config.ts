import { hostname } from 'node:os';
import type { CompileOptions } from '@agentteam/compiler';
import { FIGURES } from '@agentteam/contract';
import { type Proxies, ProxySettingError, readProxies } from '@agentteam/notify';
import type { ArgoServerConfig } from './argo/server.ts';
import { ConfigError } from './settings/config-error.ts';
import { type Environment, readSetting, readSettings } from './settings/read.ts';
import { SETTINGS, type Settings } from './settings/settings.ts';

/** The settings, and what follows from several variables together. Read once when the process starts. */
export interface Config extends Settings {
  /** Namespace of the controller, with its Lease and its gate key. */
  readonly ownNamespace: string;
  /** Name of this replica. */
  readonly identity: string;
  /** Absent: nodes in Argo's database are not read. */
  readonly argoServer: ArgoServerConfig | undefined;
  /** Absent: the admission webhooks are not served. */
  readonly admission: AdmissionConfig | undefined;
  readonly proxies: Proxies;
  /** Absent: gates with the channel `email` send nothing. */
  readonly mail: MailConfig | undefined;
}

export interface AdmissionConfig {
  readonly port: number;
  /** Directory with `tls.crt` and `tls.key`, which are read again when they change. */
  readonly certificateDirectory: string;
}

export interface MailConfig {
  /** File with the mail server's URL, which may hold a password. It is read again for each mail. */
  readonly urlFile: string;
  readonly from: string;
}

/** The settings that the command `release-teams` needs. @throws ConfigError as `readConfig` does. */
export function readReleaseConfig(env: Environment): Pick<Settings, 'namespaces' | 'logLevel'> {
  return {
    namespaces: readSetting(SETTINGS.namespaces, env),
    logLevel: readSetting(SETTINGS.logLevel, env),
  };
}

/** @throws ConfigError when a required variable is not set or one is malformed. */
export function readConfig(env: Environment): Config {
  const settings = readSettings(env);
  const { argoServerUrl, argoServerCaFile, webhook, webhookPort, webhookCertificates } = settings;
  return {
    ...settings,
    ownNamespace: env['POD_NAMESPACE']?.trim() || 'agentteam-system',
    identity: env['POD_NAME']?.trim() || `${hostname()}-${process.pid}`,
    argoServer:
      argoServerUrl === undefined ? undefined : { url: argoServerUrl, caFile: argoServerCaFile },
    admission: webhook
      ? { port: webhookPort, certificateDirectory: webhookCertificates }
      : undefined,
    proxies: proxiesOf(env),
    mail: mailConfig(settings),
  };
}

/** What the compiler must know of the cluster. */
export function compileOptions(config: Config): CompileOptions {
  const { proxies } = config;
  return {
    containers: pick(config, [
      'image',
      'imagePullPolicy',
      'runtimeInjection',
      'agentResources',
      'stepResources',
    ]),
    pods: pick(config, [
      'executorServiceAccount',
      'imagePullSecrets',
      'nodeSelector',
      'tolerations',
      'affinity',
      'priorityClassName',
      'runtimeClassName',
      'podLabels',
      'podAnnotations',
    ]),
    storage: pick(config, ['storageClass', 'volumeSize']),
    network: {
      ...pick(config, ['trustConfigMap', 'hostingUrl', 'allowPrivateWebhooks']),
      ...((proxies.https ?? proxies.http) && {
        proxy: {
          ...(proxies.https && { https: proxies.https.href }),
          ...(proxies.http && { http: proxies.http.href }),
          exceptions: proxies.exceptions,
        },
      }),
    },
    api: pick(config, ['apiUrl', 'tokenUrl', 'allowedApiUrls', 'apiFeatures', 'pricesConfigMap']),
    restrictions: restrictionsOf(config),
    controller: {
      figuresSecret: FIGURES.secret,
      admission: config.admission !== undefined,
      mailServer: config.mail !== undefined,
    },
  };
}

function restrictionsOf({
  allowedImages,
  allowedRuntimeClasses,
  allowedVolumeTypes,
  allowedServiceAccounts,
  allowedCredentialUrls,
}: Settings): CompileOptions['restrictions'] & object {
  const lists = {
    images: allowedImages,
    runtimeClasses: allowedRuntimeClasses,
    volumeTypes: allowedVolumeTypes,
    serviceAccounts: allowedServiceAccounts,
    credentialUrls: allowedCredentialUrls,
  };
  // An empty variable counts as not set, so an empty list needs a word.
  const given = Object.entries(lists).flatMap(([name, list]) =>
    list === undefined ? [] : [[name, list.filter((one) => one !== NONE)]],
  );
  return Object.fromEntries(given);
}

const NONE = 'none';

/** The settings of some names, without those that are not set. */
function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const present = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]);
  return Object.fromEntries(present) as Pick<T, K>;
}

function mailConfig({ smtpUrlFile, smtpFrom }: Settings): MailConfig | undefined {
  if (smtpUrlFile === undefined && smtpFrom === undefined) return undefined;
  if (smtpUrlFile !== undefined && smtpFrom !== undefined) {
    return { urlFile: smtpUrlFile, from: smtpFrom };
  }
  const missing = smtpFrom === undefined ? SETTINGS.smtpFrom : SETTINGS.smtpUrlFile;
  throw new ConfigError(`${missing.variable} is not set: mail needs a server and a sender`);
}

function proxiesOf(env: Environment): Proxies {
  try {
    return readProxies(env);
  } catch (error) {
    throw error instanceof ProxySettingError ? new ConfigError(error.message) : error;
  }
}
