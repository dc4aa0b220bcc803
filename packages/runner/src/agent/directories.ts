import { join } from 'node:path';
import { type AgentSpec, PATHS } from '@agentteam/contract';
import type { NativeTeam } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';

/** The directories of an agent's step on this machine. */
export interface AgentDirectories {
  readonly home: string;
  readonly native: NativeTeam;
  /** Survives the pod: the journal, the session id, and what the agent CLI keeps of the session. */
  readonly session: string;
  readonly skills: string;
  readonly plugins: string;
  readonly state: string;
  readonly ownState: string;
  readonly control: string;
  readonly gateway: string;
  readonly cache: string;
}

/** @param root value of `AGENTTEAM_ROOT`. */
export async function directoriesOf(root: string, spec: AgentSpec): Promise<AgentDirectories> {
  const at = (path: string): Promise<string> => mounted(root, path);
  return {
    home: await at(PATHS.home),
    native: { team: spec.team, teams: await at(PATHS.teams), tasks: await at(PATHS.tasks) },
    session: await at(PATHS.session),
    skills: await at(PATHS.skills),
    plugins: await at(PATHS.plugins),
    state: await at(PATHS.state),
    ownState: await at(PATHS.ownState),
    control: await at(PATHS.control),
    gateway: await at(PATHS.gateway),
    cache: await at(PATHS.cache),
  };
}

/**
 * Maps the paths in the team file, and `cwd`, to paths on this machine; the embedded engine has them
 * below a root of its own. The pod's links are resolved, because the agent continues with the same
 * paths in another pod.
 */
export async function machinePaths(
  root: string,
  spec: AgentSpec,
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  const declared = [
    ...spec.inputs,
    ...(spec.output === undefined ? [] : [spec.output]),
    ...(spec.mounts ?? []),
    ...(spec.repository === undefined ? [] : [PATHS.cache]),
  ];
  const found = declared.map(async (path) => [path, await mounted(root, path)] as const);
  return new Map([['cwd', cwd], ...(await Promise.all(found))]);
}

/** A path for a file that the runner puts below the agent's HOME. */
export function inHome({ home }: Pick<AgentDirectories, 'home'>, name: string): string {
  return join(home, '.agentteam', name);
}
