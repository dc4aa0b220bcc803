import { join } from 'node:path';
import { isRecord } from '@agentteam/contract';
import { LIMITS, readUntrustedJson } from '@agentteam/volume';
import { log } from '../log.ts';

/** What of a repository's `.claude/settings.json` and `.mcp.json` applies to an agent. */
export interface ProjectSettings {
  /** By event, as in Claude Code's settings. */
  readonly hooks: Readonly<Record<string, readonly unknown[]>>;
  readonly permissions: Readonly<Record<'allow' | 'ask' | 'deny', readonly string[]>>;
  readonly env: Readonly<Record<string, string>>;
  /** By name, as in `.mcp.json`. */
  readonly mcpServers: Readonly<Record<string, object>>;
}

export const NO_PROJECT_SETTINGS: ProjectSettings = {
  hooks: {},
  permissions: { allow: [], ask: [], deny: [] },
  env: {},
  mcpServers: {},
};

/** Keys of the settings that {@link readProjectSettings} reads, or that have no effect on an agent. */
const KNOWN_KEYS = new Set(['$schema', 'hooks', 'permissions', 'env']);

/**
 * Variables that settings may not set: they could direct requests past the gateway, or change which programs
 * run and how.
 */
const RESERVED_VARIABLE =
  /^(ANTHROPIC_|CLAUDE_|CLAUDECODE|AGENTTEAM_|API_|DISABLE_|ENABLE_|MCP_|AWS_|VERTEX_|CLOUD_ML_|NODE_|BUN_|GIT_|LD_|(HTTPS?|ALL|NO)_PROXY$|(PATH|HOME|TMPDIR|IS_SANDBOX|SHELL|BASH_ENV|ENV)$)/i;

/**
 * Reads the settings that a repository has for everybody who works in it. Claude Code does not read them
 * itself, because other keys (`apiKeyHelper`, `model`, `disableAllHooks`) would take the agent out of the
 * runner's control.
 * @param cwd the worktree. An agent of an earlier attempt may have changed it.
 * @param needed tools without which an agent cannot take part: no rule denies them.
 */
export async function readProjectSettings(
  cwd: string,
  needed: readonly string[],
): Promise<ProjectSettings> {
  const read = async (...path: string[]) => {
    const value = await readUntrustedJson(join(cwd, ...path), LIMITS.smallFileBytes);
    return isRecord(value) ? value : {};
  };
  const settings = await read('.claude', 'settings.json');
  const servers = objectsOf((await read('.mcp.json'))['mcpServers']);
  const ignored = Object.keys(settings).filter((key) => !KNOWN_KEYS.has(key));
  if (ignored.length > 0)
    log('settings', `of the repository without effect: ${ignored.join(', ')}`);
  return {
    hooks: hooksOf(settings['hooks']),
    permissions: permissionsOf(settings['permissions'], needed),
    env: Object.fromEntries(
      Object.entries(isRecord(settings['env']) ? settings['env'] : {}).flatMap(([name, value]) =>
        typeof value === 'string' && !RESERVED_VARIABLE.test(name) ? [[name, value]] : [],
      ),
    ),
    mcpServers: servers,
  };
}

function hooksOf(value: unknown): ProjectSettings['hooks'] {
  if (!isRecord(value)) return {};
  const lists = Object.entries(value).filter(([, list]) => Array.isArray(list));
  return Object.fromEntries(lists) as ProjectSettings['hooks'];
}

function permissionsOf(value: unknown, needed: readonly string[]): ProjectSettings['permissions'] {
  const rules = (key: string): readonly string[] => {
    const list = isRecord(value) ? value[key] : undefined;
    return Array.isArray(list) ? list.filter((rule) => typeof rule === 'string') : [];
  };
  // `Read` and `Read(*)` concern the whole tool; `Read(./.env)` does not.
  const isWhole = (rule: string) =>
    ['', '*', ...needed].includes(rule.replace(/\(\**\)$/, '').trim());
  const withoutNeeded = (list: readonly string[]) => list.filter((rule) => !isWhole(rule));
  return {
    allow: rules('allow'),
    ask: withoutNeeded(rules('ask')),
    deny: withoutNeeded(rules('deny')),
  };
}

function objectsOf(value: unknown): Readonly<Record<string, object>> {
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(entries.filter(([, one]) => isRecord(one))) as Record<string, object>;
}
