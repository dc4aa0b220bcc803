import { ASK_TOOL, REPORT_TOOL } from '@agentteam/contract';
import type { OfferedTool } from '../api/request.ts';
import type { McpCall } from '../script/script.ts';
import { UnseenError } from './values.ts';

/** Finds the tool of a call to an MCP server among those offered to the agent. @throws UnseenError */
export function chooseMcpTool(
  { mcp, tool }: McpCall,
  offered: readonly OfferedTool[],
): OfferedTool {
  // The CLI derives tool names from server names in this way.
  const prefix = `mcp__${mcp.replace(/[^A-Za-z0-9_-]/g, '_')}__`;
  const found = offered.find(({ name }) =>
    tool === undefined ? name.startsWith(prefix) : name === `${prefix}${tool}`,
  );
  if (found === undefined)
    throw new UnseenError(`the agent is not offered a tool ${prefix}${tool ?? '…'}`);
  return found;
}

/** The full name of a tool: scripts use the short names `report` and `ask_person` for the runner's tools. */
export function toolName(name: string): string {
  const own = [REPORT_TOOL, ASK_TOOL].find((tool) => tool.name === name);
  return own?.fullName ?? name;
}

/** The smallest value that a JSON schema allows. */
export function sampleInput(schema: Readonly<Record<string, unknown>>): unknown {
  if (schema['default'] !== undefined) return schema['default'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  switch (schema['type']) {
    case 'string':
      return 'rehearsal';
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    default: {
      const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      const required = Array.isArray(schema['required']) ? schema['required'] : [];
      return Object.fromEntries(
        required.map((name) => [name, sampleInput(properties[String(name)] ?? {})]),
      );
    }
  }
}
