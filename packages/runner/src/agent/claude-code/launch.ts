import { type AgentSpec, ENV, type GatewayAddress } from '@agentteam/contract';
import { nativeName } from '@agentteam/volume';
import type { CommandVariables } from '../../environment/variables.ts';
import { variablesOfProcess } from './command-script.ts';
import { type ConfigFiles, settingsOf } from './home.ts';

const PERMISSION_MODES = { 'auto-accept': 'bypassPermissions', plan: 'plan', default: 'default' };

export interface CommandLineParts {
  readonly files: ConfigFiles;
  readonly sessionId: string;
  readonly isResumed: boolean;
  readonly isPlanAccepted: boolean;
  readonly systemPrompt: string;
  readonly cwd: string;
}

/** The command line of a native team member, as observed with Claude Code 2.1.330. */
export function claudeArguments(spec: AgentSpec, parts: CommandLineParts): readonly string[] {
  const { files, sessionId, isResumed, isPlanAccepted, systemPrompt, cwd } = parts;
  const { permissionMode } = spec;
  const mode = permissionMode === 'plan' && isPlanAccepted ? 'auto-accept' : permissionMode;
  return [
    ...['-p', '--verbose', '--input-format', 'stream-json', '--output-format', 'stream-json'],
    // The CLI returns each message when the agent reads it, which is how the runner knows of delivery.
    '--replay-user-messages',
    ...['--model', spec.model],
    ...['--permission-mode', PERMISSION_MODES[mode]],
    // Without this flag the mode cannot be changed when the plan is accepted.
    ...(mode === 'plan' ? ['--allow-dangerously-skip-permissions'] : []),
    ...['--team-name', nativeName(spec.team)],
    ...['--agent-id', `${spec.name}@${nativeName(spec.team)}`],
    ...['--agent-name', spec.name],
    ...[isResumed ? '--resume' : '--session-id', sessionId],
    ...['--settings', files.settings],
    ...['--mcp-config', files.mcpConfig, '--strict-mcp-config'],
    ...files.plugins.flatMap((directory) => ['--plugin-dir', directory]),
    // The CLI must not read settings of the repository: they could send its traffic past the gateway
    // (`env`) and change its model. With `repository.settings: all`, the runner passes on its hooks,
    // permissions and variables. Instructions in the repository reach the model as those of an additional
    // directory.
    ...['--setting-sources', 'user'],
    ...(settingsOf(spec) === 'ignore' ? [] : ['--add-dir', cwd]),
    ...['--append-system-prompt', systemPrompt],
  ];
}

/** The longest delay of a timer in Node: 24 days, in milliseconds. */
const LONGEST_TIMER = '2147483647';

export interface EnvironmentParts {
  readonly home: string;
  readonly gateway: GatewayAddress;
  readonly runnerEnv: NodeJS.ProcessEnv;
  readonly agentEnv: Readonly<Record<string, string>>;
  readonly variables: CommandVariables;
  /** A script that sets the variables that only commands may have. */
  readonly commandScript: string;
}

/**
 * The whole environment of an agent's process. From the runner it inherits only basic variables such as PATH.
 */
export function claudeEnvironment({
  home,
  gateway,
  runnerEnv,
  agentEnv,
  variables,
  commandScript,
}: EnvironmentParts): Readonly<Record<string, string>> {
  return {
    ...variables.image,
    PATH: runnerEnv['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    LANG: runnerEnv['LANG'] ?? 'C.UTF-8',
    TMPDIR: runnerEnv['TMPDIR'] ?? '/tmp',
    CLAUDE_ENV_FILE: commandScript,
    ANTHROPIC_BASE_URL: gateway.url,
    // This token opens the agent's own gateway and nothing else.
    ANTHROPIC_API_KEY: gateway.token,
    // For the headers of MCP servers: the CLI does not expand its own variables there.
    AGENTTEAM_TOKEN: gateway.token,
    // The gateway may hold a request until a usage limit resets. By default the CLI's HTTP client gives up
    // after six minutes of silence, and the CLI itself after ten minutes.
    API_FORCE_IDLE_TIMEOUT: '0',
    API_TIMEOUT_MS: LONGEST_TIMER,
    // The CLI would end a sub-agent after ten minutes without progress, even while it waits for a reply.
    CLAUDE_ASYNC_AGENT_STALL_TIMEOUT_MS: LONGEST_TIMER,
    CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: '1',
    // Reads CLAUDE.md and .claude/rules in the directory of --add-dir.
    CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1',
    CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    ENABLE_TOOL_SEARCH: 'false',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    // The CLI refuses to run as root without asking for permissions unless it is in a sandbox.
    ...(process.getuid?.() === 0 && { IS_SANDBOX: '1' }),
    ...agentEnv,
    ...variablesOfProcess(variables),
  };
}

export function claudeProgram(runnerEnv: NodeJS.ProcessEnv): string {
  return runnerEnv[ENV.claude] ?? 'claude';
}
