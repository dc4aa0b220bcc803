import type { AgentTeam } from '@agentteam/api';
import { type TeamLive, teammateOfEvent } from '@agentteam/contract';

/** What a person should know before answering a gate. */
export interface Briefing {
  /** The teammate that starts after the approval. Absent for the gate in front of delivery. */
  readonly teammate?: string;
  readonly prompt?: string;
  /** The reports of the teammates whose work the approval is about. */
  readonly reports: readonly { readonly teammate: string; readonly report: string }[];
}

/** @param live the team's newest figures. */
export function briefing(team: AgentTeam, live: TeamLive | undefined, event: string): Briefing {
  const { teammates } = team.spec;
  const next = teammates.find(({ name }) => name === teammateOfEvent(event));
  return {
    ...(next !== undefined && { teammate: next.name, prompt: next.prompt }),
    reports: sourcesOf(team, event).flatMap((name) => {
      const report = agentOf(live, name)?.report;
      return report === undefined ? [] : [{ teammate: name, report }];
    }),
  };
}

/** Whether, according to these figures, all teammates have completed whose reports the briefing needs. */
export function isBriefed(team: AgentTeam, live: TeamLive | undefined, event: string): boolean {
  return sourcesOf(team, event).every((name) => agentOf(live, name)?.phase === 'completed');
}

/** The teammates whose work is delivered, or whose work the next teammate continues. */
function sourcesOf({ spec }: AgentTeam, event: string): readonly string[] {
  const next = teammateOfEvent(event);
  if (next === undefined) return spec.teammates.map(({ name }) => name);
  return spec.teammates.find(({ name }) => name === next)?.dependsOn ?? [];
}

function agentOf(live: TeamLive | undefined, name: string) {
  return live?.agents.find((agent) => agent.role === 'teammate' && agent.name === name);
}
