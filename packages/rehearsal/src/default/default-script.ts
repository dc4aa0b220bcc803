import type { AgentTeam } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
import type { Script } from '../script/script.ts';
import { leadTurns } from './lead.ts';
import { teammateTurns } from './teammate.ts';

/** A script for any team: everybody does what a team member does, on files of little meaning. */
export function defaultScript(team: AgentTeam): Script {
  const { teammates } = team.spec;
  const agents = teammates.map(
    (mate) => [mate.name, { turns: teammateTurns(mate, team) }] as const,
  );
  return { agents: { [LEAD]: { turns: leadTurns(team) }, ...Object.fromEntries(agents) } };
}

/** Gives the members that a script leaves out a part in it. */
export function completeScript(script: Script, team: AgentTeam): Script {
  return { ...script, agents: { ...defaultScript(team).agents, ...script.agents } };
}
