import { EXECUTOR } from '@agentteam/compiler';
import { RUNTIME_INJECTIONS, type RuntimeInjection } from '@agentteam/contract';
import type { SettingsTable } from '../setting.ts';
import {
  CREDENTIAL_URLS,
  choice,
  IMAGE_PATTERNS,
  JSON_OBJECT,
  JSON_OBJECTS,
  JSON_TEXTS,
  type JsonObject,
  NAME,
  NAMES,
  QUANTITY,
  TEXT,
  type Texts,
  VOLUME_TYPES,
} from '../types.ts';

type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** The pods of teams: what runs in them, where, and what teams may choose themselves. */
export interface TeamPodSettings {
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
  readonly allowedCredentialUrls?: readonly string[];
  readonly podLabels?: Texts;
  readonly podAnnotations?: Texts;
  readonly agentResources?: JsonObject;
  readonly stepResources?: JsonObject;
  readonly executorServiceAccount: string;
  readonly storageClass?: string;
  readonly volumeSize?: string;
}

export const TEAM_POD_SETTINGS: SettingsTable<TeamPodSettings> = {
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
  allowedCredentialUrls: {
    variable: 'AGENTTEAM_ALLOWED_CREDENTIAL_URLS',
    type: CREDENTIAL_URLS,
    summary:
      'base URLs, or what is below them, to which teams may send what is in Secrets: those of repositories, services, MCP servers, skills and plugins; none forbids all',
    details:
      'Restrict them where people may create teams but must not read the Secrets of the namespace. Example: `https://github.com/acme`, `ssh://github.com/acme`.',
    whenUnset: 'every address is allowed',
    chart: { path: 'teams.allowedCredentialUrls' },
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
};
