import type { AgentTeam } from '@agentteam/api';

/** The image that each agent works in on a cluster, by agent. Agents in the image of the installation are left out. */
export function agentImages({ spec }: AgentTeam): Readonly<Record<string, string>> {
  const agents = [{ ...spec.lead, name: 'lead' }, ...spec.teammates];
  return Object.fromEntries(
    agents.flatMap(({ name, environment }) => {
      const image = environment?.image ?? spec.environment?.image;
      return image === undefined ? [] : [[name, image] as const];
    }),
  );
}

/** For people who run a team on their machine, where images have no effect. */
export function imageNotes(team: AgentTeam): readonly string[] {
  const images = [...new Set(Object.values(agentImages(team)))];
  if (images.length === 0) return [];
  return [
    `Agents use the programs of this machine. On a cluster they work in ${images.join(' and ')}.`,
  ];
}
