import type { Volume, VolumeMount } from '@agentteam/argo';
import { cacheOf, ownRepositoryOf, PATHS, REPOSITORY, VOLUME } from '@agentteam/contract';
import type { ResolvedAgent } from '../../resolve/agents.ts';
import type { ResolvedTeam } from '../../resolve/resolve.ts';
import { pluginId, skillId } from '../../resolve/source-id.ts';
import { ARGO_FILES } from './argo-files.ts';
import { shared } from './claim.ts';
import { join, type Mounted, NOTHING, READ_ONLY } from './mounted.ts';
import { placedFiles } from './placed-files.ts';
import { SCRATCH } from './scratch.ts';

/** The address of the gateway and its token. */
const GATEWAY: Mounted = {
  volumes: [{ name: 'gateway', emptyDir: { medium: 'Memory' } }],
  mounts: [{ name: 'gateway', mountPath: PATHS.gateway, ...READ_ONLY }],
};

/** Everything that an agent can read or write. */
export function agentMounts(team: ResolvedTeam, agent: ResolvedAgent): Mounted {
  const claim: Mounted = {
    volumes: [],
    mounts: [
      shared(PATHS.teams, VOLUME.teams),
      shared(PATHS.tasks, VOLUME.tasks),
      shared(PATHS.session, `${VOLUME.sessions}/${agent.name}`),
      shared(PATHS.state, VOLUME.state, true),
      shared(PATHS.ownState, `${VOLUME.state}/${agent.name}`),
      shared(PATHS.control, VOLUME.control, true),
      ...(team.repository === undefined
        ? [shared(PATHS.work, `${VOLUME.work}/${agent.name}`)]
        : treeMounts(agent)),
    ],
  };
  const parts = [SCRATCH, claim, GATEWAY, inputs(team), output(team), skills(agent)];
  return join(...parts, ownVolumes(agent), placedFiles(team, [agent]), plugins(agent), ARGO_FILES);
}

/**
 * An agent's own worktree and repository, and the base, read-only. No pod mounts another agent's repository,
 * because git would run in one agent's container what another agent wrote into the configuration.
 */
function treeMounts({ name, cwd }: ResolvedAgent): readonly VolumeMount[] {
  const inRepository = (path: string, readOnly = false): VolumeMount =>
    shared(`${PATHS.repository}/${path}`, `${VOLUME.repository}/${path}`, readOnly);
  const tree = cwd.slice(PATHS.repository.length + 1);
  return [
    inRepository(REPOSITORY.base, true),
    inRepository(ownRepositoryOf(name)),
    inRepository(tree),
    shared(PATHS.cache, cacheOf(cwd)),
  ];
}

function inputs(team: ResolvedTeam): Mounted {
  const parts = team.inputs.map(({ configMap, pvc, mountPath }, index): Mounted => {
    const name = `input-${index}`;
    const source =
      configMap !== undefined
        ? { configMap: { name: configMap } }
        : { persistentVolumeClaim: { claimName: pvc ?? '', ...READ_ONLY } };
    return { volumes: [{ name, ...source }], mounts: [{ name, mountPath, ...READ_ONLY }] };
  });
  return join(...parts);
}

function output(team: ResolvedTeam): Mounted {
  if (team.output === undefined) return NOTHING;
  const { claim, mountPath } = team.output;
  return {
    volumes: [{ name: 'output', persistentVolumeClaim: { claimName: claim } }],
    mounts: [{ name: 'output', mountPath }],
  };
}

function skills(agent: ResolvedAgent): Mounted {
  const parts = agent.skills.map(({ name: skill, source: from }, index): Mounted => {
    const name = `skill-${index}`;
    const id = skillId(from);
    if (id !== undefined) return fetched(id, `${PATHS.skills}/${skill}`);
    return {
      volumes: [{ name, configMap: { name: from.configMap ?? '' } }],
      mounts: [{ name, mountPath: `${PATHS.skills}/${skill}`, ...READ_ONLY }],
    };
  });
  return join(...parts);
}

function plugins(agent: ResolvedAgent): Mounted {
  return join(
    ...agent.plugins.map((one) => fetched(pluginId(one), `${PATHS.plugins}/${one.name}`)),
  );
}

/** What setup has fetched. It exists before any container mounts it, because setup runs first. */
function fetched(id: string, mountPath: string): Mounted {
  return { volumes: [], mounts: [shared(mountPath, `${VOLUME.fetched}/${id}`, true)] };
}

/** The volumes of an agent's environment that it mounts. */
function ownVolumes({ environment: { volumes = [], mounts = [] } }: ResolvedAgent): Mounted {
  const nameOf = (name: string) => `volume-${name}`;
  const used = new Set(mounts.map(({ name }) => name));
  // Kubernetes mounts these read-only in any case.
  const fixed = new Set(
    volumes
      .filter(
        ({ configMap, image, persistentVolumeClaim: claim }) =>
          configMap !== undefined || image !== undefined || claim?.readOnly,
      )
      .map(({ name }) => name),
  );
  return {
    volumes: volumes
      .filter(({ name }) => used.has(name))
      .map(({ name, ...source }) => ({ name: nameOf(name), ...(source as Partial<Volume>) })),
    mounts: mounts.map(({ name, mountPath, subPath, readOnly = false }) => ({
      name: nameOf(name),
      mountPath,
      ...(subPath !== undefined && { subPath }),
      ...((readOnly || fixed.has(name)) && READ_ONLY),
    })),
  };
}
