import { type AgentSpec, ENV, type GatewayAddress } from '@agentteam/contract';
import { nativeName } from '@agentteam/volume';
import type { HomeFiles } from './home.ts';
import type { Places } from './places.ts';

const PERMISSION_MODES = { 'auto-accept': 'bypassPermissions', plan: 'plan', default: 'default' };

/** The command line of a native team member (observed with Claude Code 2.1.330). */
export function claudeArguments(
  spec: AgentSpec,
  files: HomeFiles,
  session: { readonly id: string; readonly resumed: boolean },
  systemPrompt: string,
  cwd: string,
): readonly string[] {
  return [
    ...['-p', '--verbose', '--input-format', 'stream-json', '--output-format', 'stream-json'],
    // Each message comes back when the agent reads it: that is how delivery is known.
    '--replay-user-messages',
    ...['--model', spec.model],
    ...['--permission-mode', PERMISSION_MODES[spec.permissionMode]],
    // Without it the mode cannot be changed when the plan is accepted.
    ...(spec.permissionMode === 'plan' ? ['--allow-dangerously-skip-permissions'] : []),
    ...['--team-name', nativeName(spec.team)],
    ...['--agent-id', `${spec.name}@${nativeName(spec.team)}`],
    ...['--agent-name', spec.name],
    ...[session.resumed ? '--resume' : '--session-id', session.id],
    ...['--settings', files.settings],
    ...['--mcp-config', files.mcpConfig, '--strict-mcp-config'],
    // Settings of the repository could lead its traffic past the gateway (`env`), end its turns
    // with nothing or never (`hooks`), and change its model: none of them is read. What the
    // repository says to a model comes as from any other directory.
    ...['--setting-sources', 'user', '--add-dir', cwd],
    ...['--append-system-prompt', systemPrompt],
  ];
}

/** What a timer takes at most, in ms: 24 days. */
const LONGEST_TIMER = '2147483647';

/** The whole environment of an agent's process: nothing is inherited but where programs are. */
export function claudeEnvironment(
  env: NodeJS.ProcessEnv,
  places: Places,
  gateway: GatewayAddress,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: places.home,
    LANG: env['LANG'] ?? 'C.UTF-8',
    TMPDIR: env['TMPDIR'] ?? '/tmp',
    ANTHROPIC_BASE_URL: gateway.url,
    // Opens its own gateway and nothing else.
    ANTHROPIC_API_KEY: gateway.token,
    // For the headers of MCP servers: there the CLI does not expand variables of its own.
    AGENTTEAM_TOKEN: gateway.token,
    // The gateway may hold a request until a usage limit resets. Without these the CLI gives up after
    // six minutes in which nothing comes (its HTTP client), and after ten in any case.
    API_FORCE_IDLE_TIMEOUT: '0',
    API_TIMEOUT_MS: LONGEST_TIMER,
    // A sub-agent that waits for an answer makes no progress; the CLI would end it after ten minutes.
    CLAUDE_ASYNC_AGENT_STALL_TIMEOUT_MS: LONGEST_TIMER,
    CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: '1',
    // CLAUDE.md and .claude/rules of the directory that --add-dir names.
    CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1',
    CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    ENABLE_TOOL_SEARCH: 'false',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    // As root the CLI refuses to act without asking, unless it is told that somebody has seen to it.
    ...(process.getuid?.() === 0 && { IS_SANDBOX: '1' }),
    ...more,
  };
}

export function claudeProgram(env: NodeJS.ProcessEnv): string {
  return env[ENV.claude] ?? 'claude';
}
