/** Environment variables between the compiled Workflow, the engine and the runner. */
export const ENV = {
  /** JSON of the command's spec: AgentSpec, SetupSpec, … */
  spec: 'AGENTTEAM_SPEC',
  /** Directory that stands for `/` on the embedded engine; unset in a pod. */
  root: 'AGENTTEAM_ROOT',
  /** Port of the gateway for its agent, on loopback. `0`: any free one. */
  gatewayPort: 'AGENTTEAM_GATEWAY_PORT',
  /**
   * `true`: the agent has a network namespace of its own. The gateway listens on `FILES.socket` beside
   * `gateway.json` instead of on a port, and the agent's runner opens a port inside that leads there.
   */
  gatewaySocket: 'AGENTTEAM_GATEWAY_SOCKET',
  /** In the agent's container: the base URL of that port, for what its runner starts. */
  gatewayUrl: 'AGENTTEAM_GATEWAY_URL',
  /**
   * Where the gateway, as the agent's HTTP proxy, connects to: `public`, for the internet, and hosts and
   * blocks of addresses in private networks, by comma. Unset: nowhere.
   */
  reach: 'AGENTTEAM_REACH',
  /** Port of `/status`, `/metrics` and `/healthz`. `0`: any free one, on loopback. */
  statusPort: 'AGENTTEAM_STATUS_PORT',
  /** UID of the Workflow, which figures are proven for. Only where there is a key to prove them with. */
  run: 'AGENTTEAM_RUN',
  /** Base URL of the Messages API behind the gateway. */
  upstream: 'AGENTTEAM_UPSTREAM',
  /** Absolute path of the `claude` program; default: the one on PATH. */
  claude: 'AGENTTEAM_CLAUDE',
  /** Which attempt of the step this is, from 0. */
  attempt: 'AGENTTEAM_ATTEMPT',
  /** `local` when the embedded engine runs the container: its end shows as the end of stdin. */
  engine: 'AGENTTEAM_ENGINE',
  /** Base URL of the hosting service's REST API; default: derived from the repository's URL. */
  hostingUrl: 'AGENTTEAM_HOSTING_URL',
  /** `true`: webhooks may go to private and link-local addresses. */
  allowPrivateWebhooks: 'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS',
  /** debug, info, warn or error. */
  logLevel: 'AGENTTEAM_LOG_LEVEL',
  /** Argo's: a file to write `done/total` into, shown as the step's progress. */
  progress: 'ARGO_PROGRESS_FILE',
} as const;

export const PORTS = { gateway: 8787, status: 9464 } as const;

/** The program in every container of ours, and its commands. */
export const RUNNER = 'agentteam-runner';
export type RunnerCommand =
  | 'setup'
  | 'agent'
  | 'gateway'
  | 'checks'
  | 'deliver'
  | 'roll-call'
  | 'finish'
  | 'hook';

/**
 * Names of the containers in an agent's pod. `setup` ends before the others start; `gateway` serves
 * before `main` starts, and ends after it.
 */
export const CONTAINERS = { setup: 'setup', main: 'main', gateway: 'gateway' } as const;
