import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentSpec, type GatewayAddress, REPORT_TOOL } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import type { CommandVariables } from '../../environment/variables.ts';
import type { HookConfig } from '../../records/hook-config.ts';
import { exists } from '../../step/exists.ts';
import { type AgentDirectories, inHome } from '../directories.ts';
import { commandScript } from './command-script.ts';

/** The files that are passed to `claude` on its command line. */
export interface ConfigFiles {
  readonly settings: string;
  readonly mcpConfig: string;
  /** See `CLAUDE_ENV_FILE`. */
  readonly script: string;
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
    ...(await repositoryLinks(cwd)),
  };
  for (const [name, target] of Object.entries(links)) {
    await rm(join(claude, name), { recursive: true, force: true });
    await symlink(target, join(claude, name));
  }
  await linkSkills(join(claude, 'skills'), [
    join(cwd, '.claude', 'skills'),
    ...(spec.skills.length > 0 ? [directories.skills] : []),
  ]);
  const files = {
    settings: inHome(directories, 'settings.json'),
    mcpConfig: inHome(directories, 'mcp.json'),
    script: inHome(directories, 'variables.sh'),
  };
  const hook = inHome(directories, 'hook.json');
  await writeJsonFile(hook, hookConfig(parts));
  await writeJsonFile(files.settings, settings(spec, [...runner, 'hook', hook]));
  await writeJsonFile(files.mcpConfig, mcpConfig(spec, gateway));
  await writeFile(files.script, commandScript(variables), { mode: 0o600 });
  return files;
}

/** Links to the repository's own sub-agents and commands, which have no effect until they are used. */
async function repositoryLinks(cwd: string): Promise<Readonly<Record<string, string>>> {
  const links: Record<string, string> = {};
  for (const name of ['agents', 'commands']) {
    const target = join(cwd, '.claude', name);
    if (await exists(target)) links[name] = target;
  }
  return links;
}

/** @param sources directories of skills; a later directory replaces skills of the same name. */
async function linkSkills(target: string, sources: readonly string[]): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  for (const source of sources) {
    const entries = await readdir(source, { withFileTypes: true }).catch(() => []);
    for (const { name } of entries.filter((entry) => !entry.name.startsWith('.'))) {
      await rm(join(target, name), { force: true });
      await symlink(join(source, name), join(target, name));
    }
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
const ALWAYS_ALLOWED = [
  'SendMessage',
  'TaskCreate',
  'TaskUpdate',
  'TaskList',
  'TaskGet',
  'Read',
  REPORT_TOOL.fullName,
];

function settings(spec: AgentSpec, hook: readonly string[]): object {
  const command = hook.map(shellQuoted).join(' ');
  return {
    hooks: {
      PreToolUse: [
        {
          matcher: 'Edit|Write|MultiEdit|NotebookEdit|TaskUpdate',
          hooks: [{ type: 'command', command }],
        },
      ],
    },
    ...(spec.permissionMode !== 'auto-accept' && {
      permissions: { allow: [...ALWAYS_ALLOWED, 'Glob', 'Grep'] },
    }),
  };
}

/**
 * The agent reaches the team's MCP servers through the gateway, which adds their credentials. Claude Code
 * expands the token from its environment, so that no file contains it. The runner's own server is reached
 * over Claude Code's input and output.
 */
function mcpConfig(spec: AgentSpec, gateway: GatewayAddress): object {
  const headers = { Authorization: `Bearer \${AGENTTEAM_TOKEN}` };
  return {
    mcpServers: {
      ...Object.fromEntries(
        spec.mcpServers.map((name) => [
          name,
          { type: 'http', url: `${gateway.url}/mcp/${name}`, headers },
        ]),
      ),
      [REPORT_TOOL.server]: { type: 'sdk', name: REPORT_TOOL.server },
    },
  };
}

async function writeJsonFile(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value, null, 2), { mode: 0o600 });
}
