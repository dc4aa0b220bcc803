/** The outcomes that an agent can report. */
export const REPORT_OUTCOMES = ['completed', 'failed', 'blocked', 'nothing-to-do'] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** An agent's own report of how it ended. */
export interface AgentReport {
  readonly outcome: ReportOutcome;
  /** What the agent did and found, and where the results are. */
  readonly summary: string;
  /** Why the agent failed, is blocked, or had nothing to do. */
  readonly reason?: string;
}

/**
 * The tool that the runner serves to its agent. Claude Code derives the tool's full name from the name of
 * its server, so no MCP server of a team may have this name.
 */
export const REPORT_TOOL = {
  server: 'agentteam',
  name: 'report',
  fullName: 'mcp__agentteam__report',
} as const;

/** Whether an outcome fails the agent's step, and with it every step that depends on it. */
export function isFailure(outcome: ReportOutcome): outcome is 'failed' | 'blocked' {
  return outcome === 'failed' || outcome === 'blocked';
}
