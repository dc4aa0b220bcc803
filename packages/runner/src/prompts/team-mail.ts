/* Mail that the runner's programs send to the lead. */

export interface MailText {
  readonly summary: string;
  readonly text: string;
}

/**
 * Warns that a budget limit is near.
 * @param agent the agent that the limit is for; `undefined` for the team's limit.
 * @param amounts what is spent, and the limit: `$4.00 of $5.00`.
 */
export function budgetWarning(agent: string | undefined, amounts: string): MailText {
  const stopped = agent === undefined ? 'all agents are' : `${agent} is`;
  return {
    summary: `budget: ${amounts} spent`,
    text: `${agent ?? 'The team'} has spent ${amounts}. When the limit is reached, ${stopped} stopped immediately. Finish the most important work first, and start nothing new that can wait.`,
  };
}

/** @param reason sentences about a teammate that will not report. */
export function missingReport(teammate: string, phase: string, reason: string): MailText {
  return { summary: `${teammate}: ${phase}`, text: `${teammate} will send no report. ${reason}` };
}
