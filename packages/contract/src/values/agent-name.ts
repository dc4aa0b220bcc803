/** The lead's name in Claude Code's roster: Claude Code treats mail from this member as the lead's. */
export const LEAD = 'team-lead';

/** The lead's name for people: in the team file, in everything that is shown, and in commands. */
const SHOWN_LEAD = 'lead';

/** The name of an agent for people. */
export function shownName(agent: string): string {
  return agent === LEAD ? SHOWN_LEAD : agent;
}

/** The agent that a person names. The lead's name in Claude Code's roster is understood as well. */
export function agentNamed(word: string): string {
  return word === SHOWN_LEAD ? LEAD : word;
}
