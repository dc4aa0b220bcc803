import type { Affinity, ResourceRequirements, Toleration } from '@agentteam/argo';
import { DEFAULT_IMAGE, type RuntimeInjection } from '@agentteam/contract';

/** Default service account under which Argo's executor reports from the pods. */
export const EXECUTOR = 'agentteam-executor';

/** What a compilation depends on besides the team: the cluster or machine that the team will run on. */
export interface CompileOptions {
  readonly containers?: ContainerOptions;
  readonly pods?: PodOptions;
  readonly storage?: StorageOptions;
  readonly network?: NetworkOptions;
  readonly api?: ApiOptions;
  readonly controller?: ControllerOptions;
  readonly restrictions?: Restrictions;
}

/** What the administrators of an installation allow in teams. An absent list allows everything. */
export interface Restrictions {
  /** Patterns, as `allowsImage` reads them. */
  readonly images?: readonly string[];
  /** Absent, and the pods have a class: that class only, because it is their sandbox. */
  readonly runtimeClasses?: readonly string[];
  /** Names of the fields of a volume: `persistentVolumeClaim`, `configMap`, `image`, `emptyDir`. */
  readonly volumeTypes?: readonly string[];
  readonly serviceAccounts?: readonly string[];
  /** Base URLs to which what is in Secrets may be sent, apart from the credentials of `auth`. */
  readonly credentialUrls?: readonly string[];
}

/** Fields of the containers. */
export interface ContainerOptions {
  /** Image of every container. @default {@link DEFAULT_IMAGE} */
  readonly image?: string;
  /** @default IfNotPresent */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /**
   * How the runtime gets into the image of an agent's `environment`: `copy` by an init container, `image-volume`
   * by a volume of the type `image`, which Kubernetes has from version 1.35, `directory` where the engine mounts a
   * directory of this machine as that volume, `none` where the programs of the machine take the place of those of
   * all images.
   * @default copy
   */
  readonly runtimeInjection?: RuntimeInjection | 'directory' | 'none';
  /** Resources of agents whose team sets none. */
  readonly agentResources?: ResourceRequirements;
  /** Resources of all other containers: gateways, setup, and the steps that run no agent. */
  readonly stepResources?: ResourceRequirements;
}

/** Fields of the pods. */
export interface PodOptions {
  /**
   * Service account under which Argo's executor reports from the pods. Agent pods mount no token of their
   * own, so Argo needs a Secret `<account>.service-account-token`: see `executorCompanions`.
   * @default {@link EXECUTOR}
   */
  readonly executorServiceAccount?: string;
  readonly imagePullSecrets?: readonly string[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: Affinity;
  readonly priorityClassName?: string;
  /** RuntimeClass of the pods, for example for gVisor. */
  readonly runtimeClassName?: string;
  /** Labels and annotations of all pods. The compiler's own labels take precedence. */
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
}

export interface StorageOptions {
  /** Storage class of the claims; it must support ReadWriteMany. */
  readonly storageClass?: string;
  /** Size of the team's shared claim. @default 10Gi */
  readonly volumeSize?: string;
}

/** How containers that are not an agent's connect to the outside. */
export interface NetworkOptions {
  readonly proxy?: ProxyOptions;
  /** ConfigMap with `ca.crt` (PEM): certificate authorities to trust besides the public ones. */
  readonly trustConfigMap?: string;
  /**
   * Base URL of the hosting service's REST API, where it does not follow from the repository's address:
   * GitHub Enterprise Server at `git.example.com` has `https://git.example.com/api/v3`.
   */
  readonly hostingUrl?: string;
  /**
   * Whether `observability.webhook` may lead to private and link-local addresses. `proxied`: to those that
   * the proxy allows, which then also resolves the names.
   */
  readonly allowPrivateWebhooks?: boolean | 'proxied';
}

/** As in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Anyone who may read pods can read these values. */
export interface ProxyOptions {
  readonly https?: string;
  readonly http?: string;
  /** Hosts, domains and networks to connect to directly, separated by commas. */
  readonly exceptions?: string;
}

/** The API of the model provider. */
export interface ApiOptions {
  /**
   * Base URL for teams without `auth.baseUrl`. `{agent}` in it is replaced by the agent's name, by which a
   * rehearsal selects the agent's script. Default: that of the team's provider in its region, for example
   * `https://api.anthropic.com`.
   */
  readonly apiUrl?: string;
  /**
   * Base URL of the service that exchanges credentials for tokens of AWS, Google Cloud or Entra. Default: the
   * provider's own.
   */
  readonly tokenUrl?: string;
  /**
   * Base URLs that a team may name in `auth.baseUrl`, or be below. Absent: all are allowed. Empty: none is.
   */
  readonly allowedApiUrls?: readonly string[];
  /** Betas, server tools and request fields that gateways allow besides those whose cost they know. */
  readonly apiFeatures?: readonly string[];
  /** ConfigMap with `prices.yaml`, which replaces or extends the built-in price table. */
  readonly pricesConfigMap?: string;
  /** Whether to keep the API's replies on the volume, so that the run can be rehearsed. @default false */
  readonly record?: boolean;
}

/** What the controller provides where the team will run. */
export interface ControllerOptions {
  /** Whether its admission webhook runs. Without it, gates cannot restrict who approves. */
  readonly admission?: boolean;
  /** Whether it can mail gates. Absent: unknown. */
  readonly mailServer?: boolean;
  /**
   * The Secret in the team's namespace whose `key` proves the team's figures. Absent: the gateways do not
   * serve `/status`.
   */
  readonly figuresSecret?: string;
  /**
   * For each restricted gate, by event: SHA-256, in hexadecimal, of the proof with which the controller opens
   * the gate. A restricted gate without one never opens.
   */
  readonly proofHashes?: Readonly<Record<string, string>>;
}

type WithDefaults<Options, Name extends keyof Options> = Options & Required<Pick<Options, Name>>;

/** The options with every group present and the defaults filled in. */
export interface ResolvedOptions {
  readonly containers: WithDefaults<
    ContainerOptions,
    'image' | 'imagePullPolicy' | 'runtimeInjection'
  >;
  readonly pods: WithDefaults<PodOptions, 'executorServiceAccount'>;
  readonly storage: WithDefaults<StorageOptions, 'volumeSize'>;
  readonly network: NetworkOptions;
  readonly api: WithDefaults<ApiOptions, 'record'>;
  readonly controller: ControllerOptions;
}

export function resolveOptions({
  containers = {},
  pods = {},
  storage = {},
  network = {},
  api = {},
  controller = {},
}: CompileOptions): ResolvedOptions {
  return {
    containers: {
      ...containers,
      image: containers.image ?? DEFAULT_IMAGE,
      imagePullPolicy: containers.imagePullPolicy ?? 'IfNotPresent',
      runtimeInjection: containers.runtimeInjection ?? 'copy',
    },
    pods: { ...pods, executorServiceAccount: pods.executorServiceAccount ?? EXECUTOR },
    storage: { ...storage, volumeSize: storage.volumeSize ?? '10Gi' },
    network,
    api: {
      ...api,
      record: api.record ?? false,
    },
    controller,
  };
}
