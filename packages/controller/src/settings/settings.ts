import { EXECUTOR } from '@agentteam/compiler';
import { RUNTIME_INJECTIONS, type RuntimeInjection } from '@agentteam/contract';
import type { AllowPrivate } from '@agentteam/notify';
import type { AlwaysSet, Declaration, Setting } from './setting.ts';
import {
  ALLOWED_URLS,
  API_FEATURES,
  choice,
  count,
  FLAG,
  IMAGE_PATTERNS,
  JSON_OBJECT,
  JSON_OBJECTS,
  JSON_TEXTS,
  NAME,
  NAMES,
  NAMESPACES,
  QUANTITY,
  TEXT,
  URL_TEXT,
  VOLUME_TYPES,
} from './types.ts';

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';
type LogLevel = 'debug' | 'info' | 'warn' | 'error';
type Texts = Readonly<Record<string, string>>;
type JsonObject = Readonly<Record<string, unknown>>;

/** What an operator can set. `SETTINGS` declares the variable, the default and the purpose of each. */
export interface Settings {
  readonly image: string;
  readonly imagePullPolicy: PullPolicy;
  readonly runtimeInjection: RuntimeInjection;
  readonly imagePullSecrets?: readonly string[];
  readonly nodeSelector?: Texts;
  readonly tolerations?: readonly JsonObject[];
  readonly affinity?: JsonObject;
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
  readonly allowedImages?: readonly string[];
  readonly allowedRuntimeClasses?: readonly string[];
  readonly allowedVolumeTypes?: readonly string[];
  readonly allowedServiceAccounts?: readonly string[];
  readonly podLabels?: Texts;
  readonly podAnnotations?: Texts;
  readonly agentResources?: JsonObject;
  readonly stepResources?: JsonObject;
  readonly executorServiceAccount: string;
  readonly storageClass?: string;
  readonly volumeSize?: string;
  readonly pricesConfigMap?: string;
  readonly apiFeatures?: readonly string[];
  readonly trustConfigMap?: string;
  readonly apiUrl?: string;
  readonly allowedApiUrls?: readonly string[];
  readonly hostingUrl?: string;
  readonly tokenUrl?: string;
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly relistSeconds: number;
  readonly livePollSeconds: number;
  readonly metricsPort: number;
  readonly metricsTeams: number;
  readonly logLevel: LogLevel;
  readonly leaderElection: boolean;
  readonly leaseName: string;
  readonly argoServerUrl?: string;
  readonly argoServerCaFile?: string;
  readonly webhookSecretFile?: string;
  readonly smtpUrlFile?: string;
  readonly smtpFrom?: string;
  readonly allowPrivateWebhooks: AllowPrivate;
  readonly webhook: boolean;
  readonly webhookPort: number;
  readonly webhookCertificates: string;
}

type SettingsTable = {
  readonly [Name in keyof Settings]-?: undefined extends Settings[Name]
    ? Setting<NonNullable<Settings[Name]>>
    : AlwaysSet<Settings[Name]>;
};

/**
 * Every setting of the controller. `--help` is made from this table at run time. `npm run settings`
 * writes the same settings into the chart (values.yaml, values.schema.json, the environment of the
 * Deployment) and into docs/settings.md.
 */
export const SETTINGS: SettingsTable = {
  image: {
    variable: 'AGENTTEAM_IMAGE',
    type: TEXT,
    required: true,
    summary: 'image of every container in team pods',
  },
  imagePullPolicy: {
    variable: 'AGENTTEAM_IMAGE_PULL_POLICY',
    type: choice<PullPolicy>(['Always', 'IfNotPresent', 'Never']),
    default: 'IfNotPresent',
    summary: 'pull policy of that image',
    chart: { path: 'image.pullPolicy', summary: 'pull policy of both images' },
  },
  runtimeInjection: {
    variable: 'AGENTTEAM_RUNTIME_INJECTION',
    type: choice<RuntimeInjection>(RUNTIME_INJECTIONS),
    default: 'copy',
    summary: "how agentteam's runtime gets into the images that teams name in `environment.image`",
    details:
      '`copy`: an init container copies it into a volume of the pod. `image-volume`: it is mounted from our image, which needs Kubernetes 1.35, or 1.33 with the feature gate `ImageVolume`, and containerd 2.2 or CRI-O 1.33.',
    chart: { path: 'teams.runtimeInjection' },
  },
  imagePullSecrets: {
    variable: 'AGENTTEAM_IMAGE_PULL_SECRETS',
    type: NAMES,
    summary: 'image pull Secrets of team pods',
    details: 'They must exist in every namespace with teams.',
    chart: {
      path: 'image.pullSecrets',
      summary: 'names of image pull Secrets',
      details: "They must exist in the controller's namespace and in every namespace with teams.",
    },
  },
  nodeSelector: {
    variable: 'AGENTTEAM_NODE_SELECTOR',
    type: JSON_TEXTS,
    summary: 'node selector of team pods',
    chart: { path: 'teams.nodeSelector' },
  },
  tolerations: {
    variable: 'AGENTTEAM_TOLERATIONS',
    type: JSON_OBJECTS,
    summary: 'tolerations of team pods',
    chart: { path: 'teams.tolerations' },
  },
  affinity: {
    variable: 'AGENTTEAM_AFFINITY',
    type: JSON_OBJECT,
    summary: 'affinity of team pods',
    chart: { path: 'teams.affinity' },
  },
  priorityClassName: {
    variable: 'AGENTTEAM_PRIORITY_CLASS',
    type: NAME,
    summary: 'PriorityClass of team pods',
    chart: { path: 'teams.priorityClassName' },
  },
  runtimeClassName: {
    variable: 'AGENTTEAM_RUNTIME_CLASS',
    type: NAME,
    summary: 'RuntimeClass of team pods, for a sandbox such as gVisor or Kata Containers',
    details: 'Agents run code that they write themselves.',
    chart: { path: 'teams.runtimeClassName' },
  },
  allowedImages: {
    variable: 'AGENTTEAM_ALLOWED_IMAGES',
    type: IMAGE_PATTERNS,
    summary: 'images that teams may use, as patterns such as `ghcr.io/acme/*`',
    details: 'The list `none` allows none besides that of the installation.',
    whenUnset: 'every image',
    chart: { path: 'teams.allowedImages' },
  },
  allowedRuntimeClasses: {
    variable: 'AGENTTEAM_ALLOWED_RUNTIME_CLASSES',
    type: NAMES,
    summary: 'RuntimeClasses that teams may choose',
    details: 'The list `none` allows none.',
    whenUnset: 'the RuntimeClass of team pods if that is set, otherwise every class',
    chart: { path: 'teams.allowedRuntimeClasses' },
  },
  allowedVolumeTypes: {
    variable: 'AGENTTEAM_ALLOWED_VOLUME_TYPES',
    type: VOLUME_TYPES,
    summary:
      'types of volumes that teams may mount: persistentVolumeClaim, configMap, image, emptyDir',
    details: 'The list `none` allows none.',
    whenUnset: 'all of them',
    chart: { path: 'teams.allowedVolumeTypes' },
  },
  allowedServiceAccounts: {
    variable: 'AGENTTEAM_ALLOWED_SERVICE_ACCOUNTS',
    type: NAMES,
    summary: 'service accounts that teams may choose for the pods of agents',
    details: 'The list `none` allows none.',
    whenUnset: 'every account of the namespace',
    chart: { path: 'teams.allowedServiceAccounts' },
  },
  podLabels: {
    variable: 'AGENTTEAM_POD_LABELS',
    type: JSON_TEXTS,
    summary: 'additional labels of team pods',
    details: 'The labels that agentteam sets take precedence.',
    chart: { path: 'teams.podLabels' },
  },
  podAnnotations: {
    variable: 'AGENTTEAM_POD_ANNOTATIONS',
    type: JSON_TEXTS,
    summary: 'additional annotations of team pods',
    details:
      'An autoscaler or a service mesh may need some, such as `karpenter.sh/do-not-disrupt: "true"` or `sidecar.istio.io/inject: "false"`.',
    chart: { path: 'teams.podAnnotations' },
  },
  agentResources: {
    variable: 'AGENTTEAM_AGENT_RESOURCES',
    type: JSON_OBJECT,
    summary: 'resources of agents whose team does not set `resources`',
    details: 'The quality gates use them too if the lead does not set any.',
    chart: { path: 'teams.agentResources' },
  },
  stepResources: {
    variable: 'AGENTTEAM_STEP_RESOURCES',
    type: JSON_OBJECT,
    summary:
      "resources of every other container in team pods: gateways, setup, and the team's own steps",
    details:
      "A namespace with a ResourceQuota needs both. Argo's own containers take theirs from `executor.resources` in Argo's ConfigMap.",
    chart: { path: 'teams.stepResources' },
  },
  executorServiceAccount: {
    variable: 'AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT',
    type: NAME,
    default: EXECUTOR,
    summary: "service account under which Argo's executor reports from team pods",
    details: 'The controller creates it in every namespace with teams.',
    chart: {
      path: 'teams.executorServiceAccount',
      schema: { allOf: [NAME.schema, { minLength: 1 }] },
    },
  },
  storageClass: {
    variable: 'AGENTTEAM_STORAGE_CLASS',
    type: NAME,
    summary: 'storage class of team volumes',
    details: 'It must support ReadWriteMany.',
    whenUnset: "the cluster's default class",
    chart: { path: 'teams.storageClass' },
  },
  volumeSize: {
    variable: 'AGENTTEAM_VOLUME_SIZE',
    type: QUANTITY,
    summary: "size of a team's volume",
    whenUnset: '10Gi',
    chart: { path: 'teams.volumeSize' },
  },
  pricesConfigMap: {
    variable: 'AGENTTEAM_PRICES_CONFIGMAP',
    type: NAME,
    summary: 'ConfigMap with the key `prices.yaml`, which replaces or extends the price table',
    details: 'It must exist in every namespace with teams.',
    whenUnset: 'the built-in prices',
    chart: { path: 'teams.pricesConfigMap' },
  },
  apiFeatures: {
    variable: 'AGENTTEAM_API_FEATURES',
    type: API_FEATURES,
    summary:
      'additional betas, server tools and request fields of the Messages API that teams may use',
    details:
      'Gateways allow only those whose cost they can count. Example: `web_fetch_20250910` and `web-fetch-2025-09-10`.',
    chart: { path: 'teams.apiFeatures' },
  },
  trustConfigMap: {
    variable: 'AGENTTEAM_TRUST_CONFIGMAP',
    type: NAME,
    summary:
      'ConfigMap with the key `ca.crt` (PEM): additional certificate authorities for team pods',
    details:
      'It must exist in every namespace with teams. Everything in team pods except agents trusts them.',
    whenUnset: 'the public authorities only',
    chart: {
      path: 'trust.configMap',
      summary:
        'ConfigMap with the key `ca.crt` (PEM): additional certificate authorities, such as that of a proxy that inspects TLS',
      details:
        "It must exist in the controller's namespace and in every namespace with teams. The controller and everything in team pods except agents trust them.",
    },
  },
  apiUrl: {
    variable: 'AGENTTEAM_API_URL',
    type: URL_TEXT,
    summary: "base URL of the model provider's API, for all teams",
    details: 'The placeholder `{agent}` becomes the name of the agent.',
    whenUnset: "the address of each team's provider",
    chart: { path: 'teams.apiUrl' },
  },
  allowedApiUrls: {
    variable: 'AGENTTEAM_ALLOWED_API_URLS',
    type: ALLOWED_URLS,
    summary: 'base URLs that a team may name in auth.baseUrl, or be below; none forbids the field',
    details:
      "A team's credential is sent to that address, so restrict it where people may create teams but must not read the Secrets that teams use.",
    whenUnset: 'every address is allowed',
    chart: { path: 'teams.allowedApiUrls' },
  },
  tokenUrl: {
    variable: 'AGENTTEAM_TOKEN_URL',
    type: URL_TEXT,
    summary: 'base URL of the service that gives gateways the tokens of AWS, Google Cloud or Entra',
    details:
      'For a sovereign cloud or a private endpoint: https://login.microsoftonline.us, or https://sts.cn-north-1.amazonaws.com.cn.',
    whenUnset: "the provider's own",
    chart: { path: 'teams.tokenUrl' },
  },
  hostingUrl: {
    variable: 'AGENTTEAM_HOSTING_URL',
    type: URL_TEXT,
    summary: "base URL of the hosting service's REST API",
    details:
      'GitHub Enterprise Server at git.example.com has https://git.example.com/api/v3. A URL that ends in /api/v4 is GitLab.',
    whenUnset: "derived from the repository's address",
    chart: { path: 'teams.hostingUrl' },
  },
  namespaces: {
    variable: 'AGENTTEAM_NAMESPACES',
    type: NAMESPACES,
    default: [],
    summary: 'namespaces to watch',
    whenUnset: 'all namespaces',
    chart: {
      path: 'watch.namespaces',
      details:
        'A list needs a RoleBinding in each of them; all namespaces need a ClusterRoleBinding.',
    },
  },
  concurrency: {
    variable: 'AGENTTEAM_CONCURRENCY',
    type: count(1),
    default: 16,
    summary: 'number of teams that are reconciled at the same time',
    chart: { path: 'controller.concurrency' },
  },
  relistSeconds: {
    variable: 'AGENTTEAM_RELIST_SECONDS',
    type: count(1),
    default: 600,
    summary: 'seconds between two full lists of every watched resource',
  },
  livePollSeconds: {
    variable: 'AGENTTEAM_LIVE_POLL_SECONDS',
    type: count(1),
    default: 5,
    summary: "shortest time in seconds between two requests for a running team's figures",
    chart: { path: 'controller.livePollSeconds' },
  },
  metricsPort: {
    variable: 'AGENTTEAM_METRICS_PORT',
    type: count(1),
    default: 8080,
    summary: 'port of /metrics, /healthz and /readyz',
  },
  metricsTeams: {
    variable: 'AGENTTEAM_METRICS_TEAMS',
    type: count(0),
    default: 500,
    summary: 'number of teams that have metric series of their own',
    details:
      'Teams that wait for a person come first, then running teams, then those that ended most recently.',
    chart: { path: 'controller.metricsTeams' },
  },
  logLevel: {
    variable: 'AGENTTEAM_LOG_LEVEL',
    type: choice<LogLevel>(['debug', 'info', 'warn', 'error']),
    default: 'info',
    summary: 'log level: debug, info, warn or error',
    details: 'The log is one JSON object per line.',
    chart: { path: 'controller.logLevel' },
  },
  leaderElection: {
    variable: 'AGENTTEAM_LEADER_ELECTION',
    type: FLAG,
    default: true,
    summary: 'whether replicas elect a leader',
  },
  leaseName: {
    variable: 'AGENTTEAM_LEASE_NAME',
    type: NAME,
    default: 'agentteam-controller',
    summary: 'Lease for leader election, in the namespace of the controller',
  },
  argoServerUrl: {
    variable: 'AGENTTEAM_ARGO_SERVER_URL',
    type: URL_TEXT,
    summary: "URL of Argo's server, such as https://argo-server.argo:2746",
    details:
      "Argo can keep the nodes of large Workflows in a database (nodeStatusOffLoad). The controller reads them from Argo's server, and answers gates there, with its own token.",
    whenUnset: "nodes in Argo's database are not shown",
    chart: { path: 'argo.serverUrl' },
  },
  argoServerCaFile: {
    variable: 'AGENTTEAM_ARGO_SERVER_CA_FILE',
    type: TEXT,
    summary: "file with the certificate authority of Argo's server (PEM)",
    whenUnset: 'the public authorities',
    chart: {
      path: 'argo.serverCaConfigMap',
      summary:
        "ConfigMap in the controller's namespace with the key `ca.crt`: the certificate authority of Argo's server",
      schema: NAME.schema,
      constant: '/etc/agentteam/argo/ca.crt',
    },
  },
  webhookSecretFile: {
    variable: 'AGENTTEAM_WEBHOOK_SECRET_FILE',
    type: TEXT,
    summary: 'file with the key that signs webhook calls of gates',
    whenUnset: 'calls are not signed',
    chart: {
      path: 'notifications.secretName',
      summary:
        "Secret in the controller's namespace with the key `secret`, which signs webhook calls of gates",
      schema: NAME.schema,
      constant: '/etc/agentteam/notifications/secret',
    },
  },
  smtpUrlFile: {
    variable: 'AGENTTEAM_SMTP_URL_FILE',
    type: TEXT,
    summary: 'file with the mail server, as smtp[s]://[user:password@]host[:port]',
    whenUnset: 'no mail is sent',
    chart: {
      path: 'notifications.mail.secretName',
      summary: "Secret in the controller's namespace with the key `url`: the mail server",
      details: 'Example: smtps://user:password@mail.example.com.',
      schema: NAME.schema,
      constant: '/etc/agentteam/mail/url',
    },
  },
  smtpFrom: {
    variable: 'AGENTTEAM_SMTP_FROM',
    type: TEXT,
    summary: 'sender of mail',
    chart: {
      path: 'notifications.mail.from',
      schema: { type: 'string', pattern: '^(.+@.+)?$' },
      onlyWith: ['notifications.mail.secretName'],
    },
  },
  allowPrivateWebhooks: {
    variable: 'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS',
    type: choice<AllowPrivate>([true, false, 'proxied']),
    default: false,
    summary:
      'whether webhooks may have private addresses, such as those of Services in the cluster',
    details: 'With `proxied` the proxy resolves names and decides.',
    chart: { path: 'notifications.allowPrivate' },
  },
  webhook: {
    variable: 'AGENTTEAM_WEBHOOK',
    type: FLAG,
    default: false,
    summary: 'whether to serve the admission webhooks at /validate and /mutate',
    chart: {
      path: 'webhook.enabled',
      default: true,
      summary: 'whether to install the admission webhooks',
      details:
        'They check teams, templates and runs when they are written, and record who answers a gate.',
    },
  },
  webhookPort: {
    variable: 'AGENTTEAM_WEBHOOK_PORT',
    type: count(1),
    default: 9443,
    summary: 'port of the admission webhooks',
  },
  webhookCertificates: {
    variable: 'AGENTTEAM_WEBHOOK_CERTIFICATES',
    type: TEXT,
    default: '/etc/agentteam/webhook',
    summary: 'directory with tls.crt and tls.key, which is read again when it changes',
  },
};

/** Standard variables that Node.js, the proxy support or the Deployment define. */
export const STANDARD_VARIABLES: readonly Declaration[] = [
  {
    variable: 'HTTPS_PROXY',
    summary: 'proxy for https:// URLs, for the controller and for team pods',
    details:
      'Agents themselves do not use it. Everyone who can read pods can read a password in the URL.',
    whenUnset: 'no proxy',
    chart: {
      path: 'proxy.https',
      summary: 'proxy for https:// URLs, such as http://proxy.example.com:3128',
      schema: URL_TEXT.schema,
      default: '',
    },
  },
  {
    variable: 'HTTP_PROXY',
    summary: 'proxy for http:// URLs',
    whenUnset: 'no proxy',
    chart: { path: 'proxy.http', schema: URL_TEXT.schema, default: '' },
  },
  {
    variable: 'NO_PROXY',
    summary: 'hosts, domains and networks that are reached without the proxy',
    chart: {
      path: 'proxy.exceptions',
      schema: { type: 'array', items: { type: 'string', pattern: '^[^\\s,]+$' } },
      default: ['.svc', '.cluster.local'],
      onlyWith: ['proxy.https', 'proxy.http'],
    },
  },
  {
    variable: 'NODE_EXTRA_CA_CERTS',
    summary: 'file with additional certificate authorities for the controller (PEM)',
    chart: { path: 'trust.configMap', constant: '/etc/agentteam/trust/ca.crt' },
  },
  { variable: 'POD_NAMESPACE', summary: 'namespace of the controller, where its Lease is' },
  { variable: 'POD_NAME', summary: 'name of this replica' },
  {
    variable: 'NODE_OPTIONS',
    summary: '--max-semi-space-size=4 saves a third of the memory',
  },
];
