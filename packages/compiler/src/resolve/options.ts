import type { Affinity, ResourceRequirements, Toleration } from '@agentteam/argo';
import { DEFAULT_IMAGE } from '@agentteam/contract';

/** Service account under which Argo's executor reports from the pods, unless options say otherwise. */
export const EXECUTOR = 'agentteam-executor';

/** What a compilation depends on besides the team: where it will run. All optional. */
export interface CompileOptions {
  /** Image of every container. */
  readonly image?: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets?: readonly string[];
  /**
   * Service account under which Argo's executor reports from the pods. Agent pods mount no token of
   * their own, so Argo looks for a Secret `<account>.service-account-token`: somebody must make it.
   */
  readonly executorServiceAccount?: string;
  /** Base URL of the Messages API. `{agent}` in it becomes the agent's name: a rehearsal's scripts are told apart by it. */
  readonly apiUrl?: string;
  /**
   * Base URL of the hosting service's REST API, where it does not follow from the repository's
   * address: GitHub Enterprise Server at `git.example.com` has `https://git.example.com/api/v3`.
   */
  readonly hostingUrl?: string;
  /**
   * Whether `observability.webhook` may lead to private and link-local addresses; `proxied`: to those
   * that the proxy lets through, which then resolves names and judges.
   */
  readonly allowPrivateWebhooks?: boolean | 'proxied';
  /** Through which the world is reached from the pods, by all that is not an agent. */
  readonly proxy?: ProxyOptions;
  /**
   * ConfigMap with `ca.crt` (PEM): authorities that the pods believe besides the public ones, as that of a
   * proxy which opens TLS, in all that is not an agent.
   */
  readonly trustConfigMap?: string;
  /** Storage class (ReadWriteMany) and size of the team's shared claim. */
  readonly storageClass?: string;
  readonly volumeSize?: string;
  /** ConfigMap with `prices.yaml`, to replace or extend the built-in price table. */
  readonly pricesConfigMap?: string;
  /**
   * Secret in the team's namespace whose `key` the gateways and the last step prove the team's figures
   * with. Absent: the gateways do not serve `/status`.
   */
  readonly figuresSecret?: string;
  /**
   * Betas, server tools and request fields of the Messages API that gateways let through besides those
   * whose cost they know.
   */
  readonly apiFeatures?: readonly string[];
  /** Keep the API's replies on the volume, so that the run can be rehearsed again. */
  readonly record?: boolean;
  /** Whether the admission webhook runs where the team will: who approves is known there alone. */
  readonly admission?: boolean;
  /**
   * By event of a gate where it matters who answers: the SHA-256, in hexadecimal, of the proof with
   * which the controller opens it. A gate that has none here never opens.
   */
  readonly proofHashes?: Readonly<Record<string, string>>;
  /** Whether gates can be mailed where the team will run; absent: it is not known. */
  readonly mailServer?: boolean;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: Affinity;
  readonly priorityClassName?: string;
  /** RuntimeClass of the pods: a sandbox of the cluster's, as gVisor. */
  readonly runtimeClassName?: string;
  /** Labels and annotations of all pods, besides our own, which win. */
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** For agents whose team says nothing about resources. */
  readonly agentResources?: ResourceRequirements;
  /** For every other container: the gateways, setup, and the steps that are no agent's. */
  readonly stepResources?: ResourceRequirements;
}

/** As in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Everybody who may read pods can read it. */
export interface ProxyOptions {
  readonly https?: string;
  readonly http?: string;
  /** Hosts, domains and networks that are reached directly, with commas. */
  readonly exceptions?: string;
}

export type ResolvedOptions = Required<
  Pick<
    CompileOptions,
    'image' | 'imagePullPolicy' | 'executorServiceAccount' | 'apiUrl' | 'volumeSize' | 'record'
  >
> &
  CompileOptions;

export function resolveOptions(options: CompileOptions): ResolvedOptions {
  return {
    ...options,
    image: options.image ?? DEFAULT_IMAGE,
    imagePullPolicy: options.imagePullPolicy ?? 'IfNotPresent',
    executorServiceAccount: options.executorServiceAccount ?? EXECUTOR,
    apiUrl: options.apiUrl ?? 'https://api.anthropic.com',
    volumeSize: options.volumeSize ?? '10Gi',
    record: options.record ?? false,
  };
}
