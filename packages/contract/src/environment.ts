/** Environment variables that the compiled Workflow, the embedded engine and the runner share. */
export const ENV = {
  /** The command's spec as JSON: AgentSpec, SetupSpec, … */
  spec: 'AGENTTEAM_SPEC',
  /** The directory that takes the place of `/` on the embedded engine; unset in a pod. */
  root: 'AGENTTEAM_ROOT',
  /** The gateway's loopback port for its agent. `0` selects any free port. */
  gatewayPort: 'AGENTTEAM_GATEWAY_PORT',
  /**
   * `true` if the agent has a network namespace of its own. The gateway then listens on `FILES.socket`
   * beside `gateway.json` instead of a port, and the agent's runner opens a port inside the namespace that
   * leads to it.
   */
  gatewaySocket: 'AGENTTEAM_GATEWAY_SOCKET',
  /** The base URL of that port, for the processes that the runner starts in the agent's container. */
  gatewayUrl: 'AGENTTEAM_GATEWAY_URL',
  /**
   * Where the gateway may connect to as the agent's HTTP proxy: `public` for the internet, and hosts and
   * CIDR blocks of private networks, separated by commas. Unset: nowhere.
   */
  reach: 'AGENTTEAM_REACH',
  /** Port of `/status`, `/metrics` and `/healthz`. `0` selects any free port on loopback. */
  statusPort: 'AGENTTEAM_STATUS_PORT',
  /** UID of the Workflow that figures are proven for. Set only where there is a key to prove them with. */
  run: 'AGENTTEAM_RUN',
  /** Base URL of the provider's API that the gateway forwards to. */
  upstream: 'AGENTTEAM_UPSTREAM',
  /** Base URL of the service that issues tokens for the provider. Default: the provider's own. */
  tokenUrl: 'AGENTTEAM_TOKEN_URL',
  /** Absolute path of the `claude` program. Default: the one on PATH. */
  claude: 'AGENTTEAM_CLAUDE',
  /** Where the runtime is mounted, in an image that is not ours. See `RUNTIME`. */
  runtime: 'AGENTTEAM_RUNTIME',
  /** Number of the step's attempt, from 0. */
  attempt: 'AGENTTEAM_ATTEMPT',
  /** `local` on the embedded engine, whose containers end when their stdin ends. */
  engine: 'AGENTTEAM_ENGINE',
  /** Base URL of the hosting service's REST API. Default: derived from the repository's URL. */
  hostingUrl: 'AGENTTEAM_HOSTING_URL',
  /** `true` if webhooks may go to private and link-local addresses. */
  allowPrivateWebhooks: 'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS',
  /** debug, info, warn or error. */
  logLevel: 'AGENTTEAM_LOG_LEVEL',
  /** Set by Argo: the file that receives `done/total`, which Argo shows as the step's progress. */
  progress: 'ARGO_PROGRESS_FILE',
} as const;

export const PORTS = { gateway: 8787, status: 9464 } as const;

/** The program in every container, and its commands. */
export const RUNNER = 'agentteam-runner';
export type RunnerCommand =
  | 'setup'
  | 'agent'
  | 'gateway'
  | 'checks'
  | 'deliver'
  | 'roll-call'
  | 'finish'
  | 'hook'
  | 'people'
  | 'results';

/**
 * Names of the containers in an agent's pod. `setup` and `runtime` end before the others start. `gateway`
 * serves before `main` starts, and ends after it.
 */
export const CONTAINERS = {
  setup: 'setup',
  /** Copies the runtime into a volume, where the agent has an image of its own. */
  runtime: 'runtime',
  main: 'main',
  gateway: 'gateway',
} as const;
