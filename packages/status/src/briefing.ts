import type { AgentTeam } from '@agentteam/api';
import { DELIVER_EVENT, SPAWN_PREFIX, type TeamLive } from '@agentteam/contract';

/** What there is to know about a gate before one answers it. */
export interface Briefing {
  /** Who starts once it is approved; absent in front of the delivery. */
  readonly teammate?: string;
  readonly prompt?: string;
  /** Last words of those whose work it builds on. */
  readonly reports: readonly { readonly teammate: string; readonly report: string }[];
}

/** @param live the newest figures of the team that are known. */
export function briefing(team: AgentTeam, live: TeamLive | undefined, event: string): Briefing {
  const { teammates } = team.spec;
  const next = teammates.find(({ name }) => event === `${SPAWN_PREFIX}${name}`);
  return {
    ...(next !== undefined && { teammate: next.name, prompt: next.prompt }),
    reports: builtUpon(team, event).flatMap((name) => {
      const report = agentOf(live, name)?.report;
      return report === undefined ? [] : [{ teammate: name, report }];
    }),
  };
}

/** Whether everybody whose work a gate builds on has ended as far as these figures know. */
export function isBriefed(team: AgentTeam, live: TeamLive | undefined, event: string): boolean {
  return builtUpon(team, event).every((name) => agentOf(live, name)?.phase === 'completed');
}

/** Names of the teammates whose work is what an approval is asked for, or what it builds on. */
function builtUpon({ spec }: AgentTeam, event: string): readonly string[] {
  if (event === DELIVER_EVENT) return spec.teammates.map(({ name }) => name);
  return spec.teammates.find(({ name }) => event === `${SPAWN_PREFIX}${name}`)?.dependsOn ?? [];
}

function agentOf(live: TeamLive | undefined, name: string) {
  return live?.agents.find((agent) => agent.role === 'teammate' && agent.name === name);
}
