import { join } from 'node:path';
import { type AgentSpec, PATHS, under } from '@agentteam/contract';
import type { NativeTeam } from '@agentteam/volume';

/** Where an agent's runner finds and leaves things on this machine. */
export interface Places {
  readonly home: string;
  readonly native: NativeTeam;
  /** Survives the pod: journal, session id. */
  readonly session: string;
  readonly projects: string;
  readonly skills: string;
  readonly state: string;
  readonly ownState: string;
  readonly control: string;
  readonly gateway: string;
  readonly cache: string;
}

/** @param root value of `AGENTTEAM_ROOT`. */
export function placesOf(root: string, spec: AgentSpec): Places {
  const at = (path: string): string => under(root, path);
  return {
    home: at(PATHS.home),
    native: { team: spec.team, teams: at(PATHS.teams), tasks: at(PATHS.tasks) },
    session: at(PATHS.session),
    projects: at(PATHS.projects),
    skills: at(PATHS.skills),
    state: at(PATHS.state),
    ownState: at(PATHS.ownState),
    control: at(PATHS.control),
    gateway: at(PATHS.gateway),
    cache: at(PATHS.cache),
  };
}

/** What the agent's own process finds below its HOME. */
export function inHome(places: Places, name: string): string {
  return join(places.home, '.agentteam', name);
}
