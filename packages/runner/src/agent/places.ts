import { basename, join } from 'node:path';
import { type AgentSpec, PATHS } from '@agentteam/contract';
import type { NativeTeam } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';

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
export async function placesOf(root: string, spec: AgentSpec): Promise<Places> {
  const at = (path: string): Promise<string> => mounted(root, path);
  const session = await at(PATHS.session);
  return {
    home: await at(PATHS.home),
    native: { team: spec.team, teams: await at(PATHS.teams), tasks: await at(PATHS.tasks) },
    session,
    projects: join(session, basename(PATHS.projects)),
    skills: await at(PATHS.skills),
    state: await at(PATHS.state),
    ownState: await at(PATHS.ownState),
    control: await at(PATHS.control),
    gateway: await at(PATHS.gateway),
    cache: await at(PATHS.cache),
  };
}

/**
 * Where the paths of the team file are: on the embedded engine they are not at the root. What lies
 * behind the pod's own links, because an agent that goes on in another pod goes on with these.
 */
export async function pathsOf(
  root: string,
  spec: AgentSpec,
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  const declared = [
    ...spec.inputs,
    ...(spec.output === undefined ? [] : [spec.output]),
    ...(spec.repository === undefined ? [] : [PATHS.cache]),
  ];
  const found = declared.map(async (path) => [path, await mounted(root, path)] as const);
  return new Map([['cwd', cwd], ...(await Promise.all(found))]);
}

/** What the agent's own process finds below its HOME. */
export function inHome(places: Places, name: string): string {
  return join(places.home, '.agentteam', name);
}
