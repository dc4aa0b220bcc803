import { REPORT_TOOL } from '@agentteam/contract';
import type { OfferedTool } from '../api/request.ts';
import type { McpCall } from '../script/script.ts';
import { UnseenError } from './values.ts';

/** The tool that a call of an MCP server means, among those that the agent is offered. @throws UnseenError */
export function chooseMcpTool(
  { mcp, tool }: McpCall,
  offered: readonly OfferedTool[],
): OfferedTool {
  // As the CLI makes tool names of server names.
  const prefix = `mcp__${mcp.replace(/[^A-Za-z0-9_-]/g, '_')}__`;
  const found = offered.find(({ name }) =>
    tool === undefined ? name.startsWith(prefix) : name === `${prefix}${tool}`,
  );
  if (found === undefined) throw new UnseenError(`no tool ${prefix}${tool ?? '…'} is offered`);
  return found;
}

/** The name under which the agent is offered a tool: scripts call the runner's own tool `report`. */
export function toolName(name: string): string {
  return name === REPORT_TOOL.name ? REPORT_TOOL.fullName : name;
}

/** The least that a JSON schema asks for. */
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
