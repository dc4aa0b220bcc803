import type { AgentTeam } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
import type { Script } from '../script/script.ts';
import { leadTurns } from './lead.ts';
import { teammateTurns } from './teammate.ts';

/** Generates a script for a team: every agent does what an agent usually does, with placeholder files. */
export function defaultScript(team: AgentTeam): Script {
  const { teammates } = team.spec;
  const agents = teammates.map(
    (mate) => [mate.name, { turns: teammateTurns(mate, team) }] as const,
  );
  return { agents: { [LEAD]: { turns: leadTurns(team) }, ...Object.fromEntries(agents) } };
}

/** Adds generated turns for the agents that a script leaves out. */
export function completeScript(script: Script, team: AgentTeam): Script {
  return { ...script, agents: { ...defaultScript(team).agents, ...script.agents } };
}
