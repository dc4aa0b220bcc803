/**
 * The runtime that is put into the image of an agent: Node, the runner, Claude Code, git and bash, with the
 * libraries of these programs and no others. `scripts/make-runtime.mjs` makes it.
 */
export const RUNTIME = {
  /** In our own image, and the mount path in another one. */
  directory: '/opt/agentteam',
  /** The command line of the runner. */
  runner: ['/opt/agentteam/bin/node', '/opt/agentteam/dist/runner.mjs'],
  /** Directories and files inside {@link RUNTIME.directory}. */
  inside: {
    /** Programs for the runner. */
    programs: 'bin',
    /** Programs that an agent finds where its image has none of that name. */
    lastPrograms: 'path',
    claude: 'bin/claude',
    /** Public certificate authorities, for an image that has none. */
    authorities: 'etc/ca-certificates.crt',
  },
  /** Files that take the place of the image's own, because these have no entry for the user of the agents. */
  replaced: { '/etc/passwd': 'etc/passwd', '/etc/group': 'etc/group' },
} as const;

/** How the runtime gets into an image. */
export const RUNTIME_INJECTIONS = ['copy', 'image-volume'] as const;
export type RuntimeInjection = (typeof RUNTIME_INJECTIONS)[number];

/** Prefix of the variables that hold values of `environment.env` which only the cluster knows. */
export const VARIABLE_PREFIX = 'AGENTTEAM_ENV_';

/**
 * Variables that would change how the programs of the runtime start. In another image they are empty for the
 * runner and Claude Code.
 */
export const LOADER_VARIABLES = [
  'LD_AUDIT',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'NODE_OPTIONS',
  'BUN_OPTIONS',
] as const;

const RESERVED_PREFIXES = ['AGENTTEAM_', 'ANTHROPIC_', 'ARGO_', 'CLAUDE_', 'GIT_', 'KUBERNETES_'];

const RESERVED: ReadonlySet<string> = new Set([
  'API_FORCE_IDLE_TIMEOUT',
  'API_TIMEOUT_MS',
  'DISABLE_AUTOUPDATER',
  'DISABLE_ERROR_REPORTING',
  'DISABLE_TELEMETRY',
  'ENABLE_TOOL_SEARCH',
  'HOME',
  'IS_SANDBOX',
  'NODE_USE_ENV_PROXY',
  'SHELL',
]);

/**
 * Whether a variable decides how an agent reaches its gateway, or belongs to the product or the cluster. Such
 * variables are neither taken over from an image nor set by a team.
 */
export function isReservedVariable(name: string): boolean {
  return (
    RESERVED.has(name) ||
    RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
    /^(https?|all|no)_proxy$/i.test(name)
  );
}
