import { join } from 'node:path';
import { isRecord } from '@agentteam/contract';
import { readUntrustedJson } from '@agentteam/volume';

/**
 * The MCP servers of plugins, under the names that Claude Code gives them. Claude Code itself ignores them,
 * because it gets `--strict-mcp-config`. Setup has removed those that must not run.
 * @param plugins directory by name.
 */
export async function pluginServers(
  plugins: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, object>>> {
  const servers: Record<string, object> = {};
  for (const [plugin, directory] of plugins) {
    for (const [name, server] of Object.entries(await serversIn(directory))) {
      if (!isRecord(server)) continue;
      // A function, because a path may contain `$&`.
      const text = JSON.stringify(server).replaceAll(`\${CLAUDE_PLUGIN_ROOT}`, () =>
        JSON.stringify(directory).slice(1, -1),
      );
      servers[`plugin_${plugin}_${name}`] = JSON.parse(text) as object;
    }
  }
  return servers;
}

/** From `.mcp.json`, and from the manifest, which has them or names a file. */
async function serversIn(directory: string): Promise<Readonly<Record<string, unknown>>> {
  const manifest = await read(directory, '.claude-plugin/plugin.json');
  const { mcpServers } = manifest;
  const named = typeof mcpServers === 'string' ? await read(directory, mcpServers) : mcpServers;
  return { ...listIn(await read(directory, '.mcp.json')), ...listIn(isRecord(named) ? named : {}) };
}

async function read(directory: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  const value = await readUntrustedJson(join(directory, file));
  return isRecord(value) ? value : {};
}

/** The list may be the whole file. */
function listIn(file: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { mcpServers = file } = file;
  return isRecord(mcpServers) ? mcpServers : {};
}
