/**
 * Paths inside a container. In a pod these are mount paths. On the embedded engine the same tree is below
 * the directory that `AGENTTEAM_ROOT` names: see {@link under}.
 */
export const PATHS = {
  /** HOME of an agent: an emptyDir, which is lost with the pod. */
  home: '/home/agent',
  /**
   * Claude Code's own team files, shared by all agents of the team. They are mounted beside HOME and linked
   * into it, because a mount below an emptyDir creates directories that only root can write.
   */
  teams: '/var/lib/agentteam/teams',
  tasks: '/var/lib/agentteam/tasks',
  /** `<name>/SKILL.md`, linked into HOME as well. */
  skills: '/var/lib/agentteam/skills',
  /** Plugins of Claude Code, each in a directory with its name. */
  plugins: '/var/lib/agentteam/plugins',
  /** What must survive this agent's pod, such as the journal of the mail that it has taken. */
  session: '/var/lib/agentteam/session',
  /** Transcripts, on the same mount; linked into HOME as `~/.claude/projects`. */
  projects: '/var/lib/agentteam/session/projects',
  /** The state of all agents, read-only: `<agent>/state.json`. */
  state: '/var/lib/agentteam/state',
  /** This agent's own state, writable: `state.json`. */
  ownState: '/var/lib/agentteam/own-state',
  /** The stop marker, which agents wait for the provider, people's messages and answers. Only gateways can write here. */
  control: '/var/lib/agentteam/control',
  /** What each agent has spent. Only gateways and trusted steps mount it. */
  ledger: '/var/lib/agentteam/ledger',
  /** The whole shared claim, for the trusted steps (setup, deliver, finish, roll-call). */
  volume: '/var/lib/agentteam/volume',
  /**
   * A Cowork team's results: in the last step, which writes its report there, and read-only in a pod that fetches
   * them for a person.
   */
  results: '/var/lib/agentteam/results',
  /** An emptyDir that an agent shares with its gateway: `gateway.json`. Read-only for the agent. */
  gateway: '/run/agentteam',
  /**
   * Secrets: `api` or `api/<credential>`, `mcp/<server>`, `mcp-headers/<server>`, `services/<name>`, `git`,
   * `hosting`, `webhook`, `registry/<secret>`, `fetch/<secret>`. Never in an agent's container.
   */
  credentials: '/run/secrets/agentteam',
  /** `token`: the service account's token for the model provider. Only in a gateway's container. */
  identity: '/run/secrets/agentteam/identity',
  /** Optional: `prices.yaml`, which replaces or extends the built-in price table. */
  prices: '/etc/agentteam/prices',
  /** Optional: `ca.crt`, certificate authorities to trust besides the public ones. */
  trust: '/etc/agentteam/trust',
  /** ConfigMaps of `environment.files`: `<ConfigMap>/<key>`. Read-only. */
  files: '/var/lib/agentteam/files',
  /** ConfigMaps with values of `environment.env`. See {@link variablesOf}. */
  variables: '/var/lib/agentteam/variables',
  /** Coding mode: the base, and each agent's own repository and worktree. See {@link REPOSITORY}. */
  repository: '/workspace/repository',
  /** Cowork mode: an agent's own working directory, which survives restarts. */
  work: '/workspace/work',
  /** Coding mode: package caches (npm, pip, …), which survive restarts. See {@link cacheOf}. */
  cache: '/workspace/cache',
  /** Output parameters of a trusted step, one file each. */
  outputs: '/tmp/outputs',
  /** Kubernetes' own file for a container's termination message, which Argo shows on the node. */
  terminationLog: '/dev/termination-log',
} as const;

/**
 * The directory that Argo's containers share with the pod's other containers. Argo mounts it into every
 * container, from a volume with this name.
 */
export const ARGO_DIRECTORY = {
  path: '/var/run/argo',
  volume: 'var-run-argo',
  /** Files in it that Argo trusts, so that no agent may replace them. */
  trusted: ['argoexec', 'template', 'progress'],
} as const;

/** Directories of the shared claim, mounted by `subPath`. */
export const VOLUME = {
  teams: 'teams',
  tasks: 'tasks',
  sessions: 'sessions',
  state: 'state',
  control: 'control',
  ledger: 'ledger',
  repository: 'repository',
  work: 'work',
  cache: 'cache',
  /** Skills and plugins that setup has fetched. Agents mount their own, read-only. */
  fetched: 'fetched',
} as const;

/**
 * Name of the link to the values in a mounted Secret that can be replaced while it is mounted, as the kubelet writes
 * it. The embedded engine writes the same for a Secret from a file.
 */
export const SECRET_DATA = '..data';

/** Names inside {@link PATHS.repository}. */
export const REPOSITORY = {
  /** The clone that setup makes. Agents can read it but not write to it. */
  base: 'base.git',
  /** `own/<agent>.git`: an agent's refs, index, configuration and objects. Only that agent's pod mounts it. */
  own: 'own',
  trees: 'trees',
  sharedTree: 'shared',
  /** The repository that the last step writes for people. No agent can write to it. */
  result: 'result.git',
} as const;

/** Names of files that more than one program uses. */
export const FILES = {
  gateway: 'gateway.json',
  /** The gateway's socket, where its agent has a network namespace of its own. */
  socket: 'gateway.sock',
  /** Beside `gateway.json`: why the gateway cannot serve. */
  gatewayFailure: 'gateway-failure.json',
  /** Beside an agent's state: what the quality gates found. */
  checks: 'checks.json',
  state: 'state.json',
  /** Beside an agent's state: what the agent is doing now. */
  activity: 'activity.json',
  stop: 'stop.json',
  /**
   * Directory beside the stop marker: `<agent>.json` while the provider rejects that agent's requests, and
   * `<agent>.jsonl` with the waits that are over.
   */
  waiting: 'waiting',
  /** Beside the stop marker: a person has paused the team. */
  pause: 'pause.json',
  /** Directory beside the stop marker: `<agent>/<id>.json`, a person's message to that agent. */
  people: 'people',
  /** Beside an agent's state: its questions to people. */
  questions: 'questions.json',
  /** Directory beside the stop marker: `<agent>/<number>.json`, a person's answer to a question. */
  answers: 'answers',
  /** Beside the stop marker: when the last order that a gateway carried out was made. See `TeamOrder`. */
  order: 'order.json',
  /** Directory beside the stop marker: `<agent>.json`, the latest request of a person to interrupt that agent. */
  interrupts: 'interrupts',
  /** Beside `gateway.json`: why the provider refused the agent's request, where waiting does not help. */
  refusal: 'refusal.json',
  prices: 'prices.yaml',
  trust: 'ca.crt',
} as const;

/** Name of the report that the last step writes to the results of a Cowork team. */
export function reportFileOf(workflow: string): string {
  return `${workflow}-report.html`;
}

/**
 * The path on this machine for a path in a container.
 * @param root the value of `AGENTTEAM_ROOT`; empty in a pod.
 * @param path an absolute path in the container.
 */
export function under(root: string, path: string): string {
  return root === '' ? path : `${root}${path}`;
}

/** Where the ConfigMap of a variable is mounted: a file for each key. */
export function variablesOf(configMap: string): string {
  return `${PATHS.variables}/${configMap}`;
}

/** An agent's own repository, below {@link PATHS.repository}. */
export function ownRepositoryOf(agent: string): string {
  return `${REPOSITORY.own}/${agent}.git`;
}

/** An agent's worktree, as a path in its container. */
export function worktreeOf(agent: string, strategy: 'per-teammate' | 'shared'): string {
  const tree = strategy === 'shared' ? REPOSITORY.sharedTree : agent;
  return `${PATHS.repository}/${REPOSITORY.trees}/${tree}`;
}

/**
 * An agent's package caches, as a `subPath` of the claim. Only agents with the same worktree share caches,
 * because package managers read configuration and programs from them.
 * @param cwd the agent's worktree, from {@link worktreeOf}.
 */
export function cacheOf(cwd: string): string {
  return `${VOLUME.cache}/${cwd.slice(cwd.lastIndexOf('/') + 1)}`;
}
