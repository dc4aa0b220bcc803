/** How an agent says that it ended, by calling the report tool. */
export const REPORT_OUTCOMES = ['completed', 'failed', 'blocked', 'nothing-to-do'] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** An agent's own account of how it ended. */
export interface AgentReport {
  readonly outcome: ReportOutcome;
  /** What it did, what it found, and where that is. */
  readonly summary: string;
  /** Why it failed, is blocked, or had nothing to do. */
  readonly reason?: string;
}

/**
 * The tool that the runner serves to its agent. No MCP server of a team may have the server's name:
 * Claude Code makes the tool's name of both.
 */
export const REPORT_TOOL = {
  server: 'agentteam',
  name: 'report',
  fullName: 'mcp__agentteam__report',
} as const;

/** Outcomes that fail the agent's step, and every step that depends on it. */
export function isFailure(outcome: ReportOutcome): outcome is 'failed' | 'blocked' {
  return outcome === 'failed' || outcome === 'blocked';
}
