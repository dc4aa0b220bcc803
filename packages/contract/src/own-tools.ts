import { REPORT_TOOL } from './ends/report.ts';
import { ASK_TOOL } from './people/questions.ts';

/** The tools that the runner serves to agents, by their names in Claude Code. */
const OWN_TOOLS: ReadonlyMap<string, string> = new Map(
  [REPORT_TOOL, ASK_TOOL].map(({ fullName, name }) => [fullName, name]),
);

/** The name of a tool for people: `report` for `mcp__agentteam__report`. */
export function shownTool(name: string): string {
  return OWN_TOOLS.get(name) ?? name;
}
