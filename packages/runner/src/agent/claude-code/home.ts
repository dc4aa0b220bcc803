import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentSpec,
  ASK_TOOL,
  type GatewayAddress,
  REPORT_TOOL,
  type RepositorySettings,
} from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import type { CommandVariables } from '../../environment/variables.ts';
import type { HookConfig } from '../../records/hook-config.ts';
import { type AgentDirectories, inHome } from '../directories.ts';
import { commandScript } from './command-script.ts';
import { pluginServers } from './plugin-servers.ts';
import { bringRepositoryFiles } from './repository-files.ts';
import {
  NO_PROJECT_SETTINGS,
  type ProjectSettings,
  readProjectSettings,
} from './repository-settings.ts';

/** The files that are passed to `claude` on its command line. */
export interface ConfigFiles {
  readonly settings: string;
  readonly mcpConfig: string;
  /** See `CLAUDE_ENV_FILE`. */
  readonly script: string;
  /** Directories. */
  readonly plugins: readonly string[];
}

export interface HomeParts {
  readonly spec: AgentSpec;
  readonly directories: AgentDirectories;
  /** Where transcripts are kept: `~/.claude/projects` links to it. */
  readonly projects: string;
  readonly gateway: GatewayAddress;
  readonly cwd: string;
  readonly variables: CommandVariables;
  /** The command line of the runner, for the hook. */
  readonly runner: readonly string[];
}

/**
 * Makes HOME: links to what is shared or must survive, and the settings. HOME is gone with the pod, so this
 * runs at every start, and replaces what an earlier attempt may have left.
 */
export async function prepareHome(parts: HomeParts): Promise<ConfigFiles> {
  const { spec, directories, projects, gateway, cwd, variables, runner } = parts;
  const claude = join(directories.home, '.claude');
  await mkdir(claude, { recursive: true });
  await mkdir(inHome(directories, ''), { recursive: true });
  await mkdir(projects, { recursive: true });
  const links = {
    teams: directories.native.teams,
    tasks: directories.native.tasks,
    projects,
  };
  for (const [name, target] of Object.entries(links)) {
    await rm(join(claude, name), { recursive: true, force: true });
    await symlink(target, join(claude, name));
  }
  const applied = settingsOf(spec);
  await bringRepositoryFiles(claude, cwd, applied);
  if (spec.skills.length > 0) await linkSkills(join(claude, 'skills'), directories.skills);
  const project =
    applied === 'all' ? await readProjectSettings(cwd, NEEDED_TOOLS) : NO_PROJECT_SETTINGS;
  const plugins = new Map(
    (spec.plugins ?? []).map((name) => [name, join(directories.plugins, name)]),
  );
  const files = {
    settings: inHome(directories, 'settings.json'),
    mcpConfig: inHome(directories, 'mcp.json'),
    script: inHome(directories, 'variables.sh'),
    plugins: [...plugins.values()],
  };
  const hook = inHome(directories, 'hook.json');
  const others = { ...project.mcpServers, ...(await pluginServers(plugins)) };
  await writeJsonFile(hook, hookConfig(parts));
  await writeJsonFile(files.settings, settings(spec, [...runner, 'hook', hook], project));
  await writeJsonFile(files.mcpConfig, mcpConfig(spec, gateway, others));
  await writeFile(files.script, commandScript(variables), { mode: 0o600 });
  return files;
}

/** What of the repository's own settings applies to an agent. */
export function settingsOf({ repository }: AgentSpec): RepositorySettings {
  return repository?.settings ?? 'skills';
}

/** Links to the team's skills. They replace those of the repository with the same name. */
async function linkSkills(target: string, source: string): Promise<void> {
  const names = await readdir(source).catch(() => []);
  for (const name of names.filter((one) => !one.startsWith('.'))) {
    await rm(join(target, name), { recursive: true, force: true });
    await symlink(join(source, name), join(target, name));
  }
}

function hookConfig({ spec, directories, cwd }: HomeParts): HookConfig {
  return {
    agent: spec.name,
    native: directories.native,
    ...(spec.scope && { tree: cwd, scope: spec.scope }),
  };
}

/** Allowed in every permission mode: without the team's tools and reading an agent cannot take part. */
const NEEDED_TOOLS = [
  'SendMessage',
  'TaskCreate',
  'TaskUpdate',
  'TaskList',
  'TaskGet',
  'Read',
  REPORT_TOOL.fullName,
  ASK_TOOL.fullName,
];

/** The longest delay of a timer in Node: 24 days, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

function settings(spec: AgentSpec, hook: readonly string[], project: ProjectSettings): object {
  const command = hook.map(shellQuoted).join(' ');
  const own = {
    matcher: 'Edit|Write|MultiEdit|NotebookEdit|TaskUpdate',
    hooks: [{ type: 'command', command }],
  };
  const { hooks, permissions, env } = project;
  const allowed = spec.permissionMode === 'auto-accept' ? [] : [...NEEDED_TOOLS, 'Glob', 'Grep'];
  return {
    hooks: { ...hooks, PreToolUse: [own, ...(hooks['PreToolUse'] ?? [])] },
    permissions: { ...permissions, allow: [...allowed, ...permissions.allow] },
    env,
  };
}

/**
 * The agent reaches the team's HTTP servers through the gateway, which adds their credentials. Claude Code
 * expands the token from its environment, so that no file contains it. It starts the stdio servers itself.
 * The runner's own server is reached over Claude Code's input and output. Of the same name, the team's server
 * takes precedence.
 * @param others those of the repository and of plugins.
 */
function mcpConfig(
  spec: AgentSpec,
  gateway: GatewayAddress,
  others: Readonly<Record<string, object>>,
): object {
  const headers = { Authorization: `Bearer \${AGENTTEAM_TOKEN}` };
  return {
    mcpServers: {
      ...others,
      ...Object.fromEntries(
        spec.mcpServers.map((name) => [
          name,
          { type: 'http', url: `${gateway.url}/mcp/${name}`, headers },
        ]),
      ),
      ...Object.fromEntries(
        (spec.stdioServers ?? []).map(({ name, ...server }) => [
          name,
          { type: 'stdio', ...server },
        ]),
      ),
      // The tool that asks a person waits for the answer. By default the CLI gives up after 28 hours, and an
      // idle limit does not apply to servers of this type (2.1.330).
      [REPORT_TOOL.server]: { type: 'sdk', name: REPORT_TOOL.server, timeout: LONGEST_TIMER },
    },
  };
}

async function writeJsonFile(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value, null, 2), { mode: 0o600 });
}
