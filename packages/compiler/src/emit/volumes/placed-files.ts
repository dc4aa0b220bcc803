import { PATHS } from '@agentteam/contract';
import type { ResolvedAgent } from '../../resolve/agents.ts';
import { filesOf } from '../../resolve/environment.ts';
import type { ResolvedTeam } from '../../resolve/resolve.ts';
import { join, type Mounted, NOTHING, READ_ONLY } from './mounted.ts';

/** The ConfigMaps with files for the worktrees of some agents. */
export function placedFiles(team: ResolvedTeam, agents: readonly ResolvedAgent[]): Mounted {
  const namesOf = (some: readonly ResolvedAgent[]) => [
    ...new Set(filesOf(some).map(({ configMap }) => configMap)),
  ];
  const names = namesOf(agents);
  if (names.length === 0) return NOTHING;
  const all = namesOf(team.agents);
  const parts = names.map((configMap): Mounted => {
    // The same name in every container of a pod.
    const name = `files-${all.indexOf(configMap)}`;
    const mountPath = `${PATHS.files}/${configMap}`;
    return {
      volumes: [{ name, configMap: { name: configMap } }],
      mounts: [{ name, mountPath, ...READ_ONLY }],
    };
  });
  return join(...parts);
}
