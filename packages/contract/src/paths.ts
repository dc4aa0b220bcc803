/**
 * Where things are inside a container. In a pod these are mount paths. On the embedded engine the
 * same tree lies under a directory of its own, named by `AGENTTEAM_ROOT`: see {@link under}.
 */
export const PATHS = {
  /** HOME of an agent: an emptyDir, gone with the pod. */
  home: '/home/agent',
  /**
   * Claude Code's own team files, shared by all agents of the team. Mounted beside HOME and linked
   * into it: a mount below an emptyDir leaves directories there that only root may write.
   */
  teams: '/var/lib/agentteam/teams',
  tasks: '/var/lib/agentteam/tasks',
  /** `<name>/SKILL.md`; linked into HOME as well. */
  skills: '/var/lib/agentteam/skills',
  /** This agent's journal of mail taken, and whatever else must survive its pod. */
  session: '/var/lib/agentteam/session',
  /** Transcripts, on the same mount; linked into HOME as `~/.claude/projects`. */
  projects: '/var/lib/agentteam/session/projects',
  /** Every agent's state, read-only: `<agent>/state.json`. */
  state: '/var/lib/agentteam/state',
  /** This agent's own part of it, writable: `state.json`. */
  ownState: '/var/lib/agentteam/own-state',
  /** The stop marker, and which agents wait for the provider; only gateways may write here. */
  control: '/var/lib/agentteam/control',
  /** What each agent spent; only gateways and trusted steps mount it. */
  ledger: '/var/lib/agentteam/ledger',
  /** The whole shared claim, for the trusted steps (setup, deliver, finish, roll-call). */
  volume: '/var/lib/agentteam/volume',
  /** An emptyDir between an agent and its gateway: `gateway.json`. Read-only for the agent. */
  gateway: '/run/agentteam',
  /** Secrets: `api`, `mcp/<server>`, `git`, `hosting`, `webhook`. Never in an agent's container. */
  credentials: '/run/secrets/agentteam',
  /** A price table that replaces or extends the built-in one: `prices.yaml`. Optional. */
  prices: '/etc/agentteam/prices',
  /** Authorities that are believed besides the public ones: `ca.crt`. Optional. */
  trust: '/etc/agentteam/trust',
  /** Coding mode: the base, each agent's own repository and worktree; see {@link REPOSITORY}. */
  repository: '/workspace/repository',
  /** Cowork mode: an agent's own working directory, kept over restarts. */
  work: '/workspace/work',
  /** Package caches (npm, pip, …), kept over restarts: {@link cacheOf}. Coding mode. */
  cache: '/workspace/cache',
  /** One file for each output parameter of a trusted step. */
  outputs: '/tmp/outputs',
  /** Why a container failed, in words: Kubernetes' own place for it, which Argo shows at the node. */
  terminationLog: '/dev/termination-log',
} as const;

/**
 * The directory that Argo's containers share with a pod's own. Argo mounts it into every container;
 * its volume has this name in each pod that Argo makes.
 */
export const ARGO_DIRECTORY = {
  path: '/var/run/argo',
  volume: 'var-run-argo',
  /** Files in it that Argo trusts, and that no agent may replace. */
  trusted: ['argoexec', 'template', 'progress'],
} as const;

/** Sub-directories of the shared claim, as `subPath`s. */
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
} as const;

/** Inside {@link PATHS.repository}. */
export const REPOSITORY = {
  /** The clone that setup makes. Agents read it and cannot write to it. */
  base: 'base.git',
  /** `own/<agent>.git`: an agent's refs, index, configuration and objects, in its pod alone. */
  own: 'own',
  trees: 'trees',
  sharedTree: 'shared',
  /** What the last step leaves for people: no agent can write there. */
  result: 'result.git',
} as const;

/** File names that more than one program knows. */
export const FILES = {
  gateway: 'gateway.json',
  /** Where a gateway listens whose agent has a network of its own. */
  socket: 'gateway.sock',
  /** Beside it: why the gateway cannot serve. */
  gatewayFailure: 'gateway-failure.json',
  /** Beside an agent's state: what the quality gates found. */
  checks: 'checks.json',
  state: 'state.json',
  stop: 'stop.json',
  /** Directory beside the stop marker: `<agent>.json` while the provider turns that agent away. */
  waiting: 'waiting',
  /** Beside `gateway.json`: why the provider refused the agent, where waiting cannot cure it. */
  refusal: 'refusal.json',
  prices: 'prices.yaml',
  trust: 'ca.crt',
} as const;

/**
 * The place of a container path on this machine.
 * @param root value of `AGENTTEAM_ROOT`; empty in a pod.
 * @param path an absolute path as a container sees it.
 */
export function under(root: string, path: string): string {
  return root === '' ? path : `${root}${path}`;
}

/** The repository of an agent, below {@link PATHS.repository}. */
export function ownRepositoryOf(agent: string): string {
  return `${REPOSITORY.own}/${agent}.git`;
}

/** The worktree of an agent, as a container path. */
export function worktreeOf(agent: string, strategy: 'per-teammate' | 'shared'): string {
  const tree = strategy === 'shared' ? REPOSITORY.sharedTree : agent;
  return `${PATHS.repository}/${REPOSITORY.trees}/${tree}`;
}

/**
 * Where the package caches of an agent are, as a `subPath` of the claim. Only agents that write to the
 * same tree share them: package managers read configuration and programs from there.
 * @param cwd the agent's worktree, as {@link worktreeOf} has it.
 */
export function cacheOf(cwd: string): string {
  return `${VOLUME.cache}/${cwd.slice(cwd.lastIndexOf('/') + 1)}`;
}
