import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentSpec, type GatewayAddress, REPORT_TOOL } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import type { HookConfig } from '../hook/config.ts';
import { exists } from '../step/exists.ts';
import { inHome, type Places } from './places.ts';

/** Files that are handed to `claude` by name. */
export interface HomeFiles {
  readonly settings: string;
  readonly mcpConfig: string;
}

/**
 * Makes HOME: links to what is shared or kept, and the settings. HOME is gone with the pod, so this
 * is done at every start, and over what an earlier attempt may have left.
 * @param runner command line of the runner, for the hook.
 */
export async function prepareHome(
  places: Places,
  spec: AgentSpec,
  gateway: GatewayAddress,
  cwd: string,
  runner: readonly string[] = thisProgram(),
): Promise<HomeFiles> {
  const claude = join(places.home, '.claude');
  await mkdir(claude, { recursive: true });
  await mkdir(inHome(places, ''), { recursive: true });
  await mkdir(places.projects, { recursive: true });
  const links = {
    teams: places.native.teams,
    tasks: places.native.tasks,
    projects: places.projects,
    ...(await repositoryLinks(cwd)),
  };
  for (const [name, target] of Object.entries(links)) {
    await rm(join(claude, name), { recursive: true, force: true });
    await symlink(target, join(claude, name));
  }
  await linkSkills(join(claude, 'skills'), [
    join(cwd, '.claude', 'skills'),
    ...(spec.skills.length > 0 ? [places.skills] : []),
  ]);
  const files = {
    settings: inHome(places, 'settings.json'),
    mcpConfig: inHome(places, 'mcp.json'),
  };
  const hook = inHome(places, 'hook.json');
  await writeJsonFile(hook, hookConfig(places, spec, cwd));
  await writeJsonFile(files.settings, settings(spec, [...runner, 'hook', hook]));
  await writeJsonFile(files.mcpConfig, mcpConfig(spec, gateway));
  return files;
}

/** What a repository has for any agent that works in it, and that takes effect only when it is used. */
async function repositoryLinks(cwd: string): Promise<Readonly<Record<string, string>>> {
  const links: Record<string, string> = {};
  for (const name of ['agents', 'commands']) {
    const target = join(cwd, '.claude', name);
    if (await exists(target)) links[name] = target;
  }
  return links;
}

/** @param sources where skills are; of two with one name, the later source's is taken. */
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

function hookConfig(places: Places, spec: AgentSpec, cwd: string): HookConfig {
  return {
    agent: spec.name,
    native: places.native,
    ...(spec.scope && { tree: cwd, scope: spec.scope }),
  };
}

/** Team tools and reading are allowed in every permission mode: without them an agent cannot take part. */
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

/** The command line that runs this program again. */
function thisProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}

/**
 * The team's MCP servers are reached through the gateway, which adds their credentials. The token is
 * expanded from the environment, so that no file holds it. The runner's own server is reached over
 * Claude Code's input and output.
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
