import type { Volume, VolumeMount } from '@agentteam/argo';
import {
  ARGO_DIRECTORY,
  cacheOf,
  delivers,
  FIGURES,
  ownRepositoryOf,
  PATHS,
  REPOSITORY,
  VOLUME,
} from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';
import { filesOf } from '../resolve/environment.ts';
import { fetchedOf, fetchSecrets } from '../resolve/fetched.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { pluginId, skillId } from '../resolve/source-id.ts';

/** Name of the volume that all pods of the team share. */
export const TEAM_VOLUME = 'team';

const READ_ONLY = { readOnly: true } as const;

/** Volumes, and where a container mounts them. */
export interface Mounted {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
}

const NOTHING: Mounted = { volumes: [], mounts: [] };

export function join(...parts: readonly Mounted[]): Mounted {
  return {
    volumes: parts.flatMap((part) => part.volumes),
    mounts: parts.flatMap((part) => part.mounts),
  };
}

function shared(mountPath: string, subPath?: string, readOnly = false): VolumeMount {
  return {
    name: TEAM_VOLUME,
    mountPath,
    ...(subPath !== undefined && { subPath }),
    ...(readOnly && READ_ONLY),
  };
}

export function teamVolume({ teamClaim }: ResolvedTeam): Volume {
  return { name: TEAM_VOLUME, persistentVolumeClaim: { claimName: teamClaim } };
}

export function emptyDir(name: string, mountPath: string): Mounted {
  return { volumes: [{ name, emptyDir: {} }], mounts: [{ name, mountPath }] };
}

function secret(
  name: string,
  secretName: string,
  mountPath: string,
  options: { readonly optional?: true } = {},
): Mounted {
  return {
    // Readable by the owner and the pod's group only.
    volumes: [{ name, secret: { secretName, defaultMode: 0o440, ...options } }],
    mounts: [{ name, mountPath, ...READ_ONLY }],
  };
}

/** Directories that are lost with the pod. */
export function scratch(): Mounted {
  return join(emptyDir('home', PATHS.home), emptyDir('tmp', '/tmp'));
}

/** Scratch directories for `setup`, separate from the agent's: the agent must not read what setup leaves there. */
export function setupScratch(): Mounted {
  return join(emptyDir('setup-home', PATHS.home), emptyDir('setup-tmp', '/tmp'));
}

/** The whole claim, for the containers that run no agent's code. */
export function wholeClaim(team: ResolvedTeam): Mounted {
  return {
    volumes: [],
    mounts: [
      shared(PATHS.volume),
      ...(team.repository === undefined ? [] : [shared(PATHS.repository, VOLUME.repository)]),
    ],
  };
}

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
  const gateway: Mounted = {
    volumes: [{ name: 'gateway', emptyDir: { medium: 'Memory' } }],
    mounts: [{ name: 'gateway', mountPath: PATHS.gateway, ...READ_ONLY }],
  };
  const parts = [scratch(), claim, gateway, inputs(team), output(team), skills(agent)];
  return join(...parts, ownVolumes(agent), placedFiles(team, [agent]), plugins(agent), argoFiles());
}

/** Argo's own volume, which every pod already has. {@link argoFiles} mounts parts of it. */
export const ARGO_VOLUME: Volume = { name: ARGO_DIRECTORY.volume, emptyDir: {} };

/**
 * Argo mounts its directory writable into every container. The files in it that Argo trusts are mounted again
 * over themselves, read-only: a file that is a mount point can be neither written nor replaced.
 */
export function argoFiles(): Mounted {
  const { volume, path, trusted } = ARGO_DIRECTORY;
  const mounts = trusted.map((file) => ({
    name: volume,
    mountPath: `${path}/${file}`,
    subPath: file,
    ...READ_ONLY,
  }));
  return { volumes: [], mounts };
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

/** The volumes of an agent's environment that it mounts. */
function ownVolumes({ environment: { volumes = [], mounts = [] } }: ResolvedAgent): Mounted {
  const nameOf = (name: string) => `volume-${name}`;
  const used = new Set(mounts.map(({ name }) => name));
  return {
    volumes: volumes
      .filter(({ name }) => used.has(name))
      .map(({ name, ...source }) => ({ name: nameOf(name), ...(source as Partial<Volume>) })),
    mounts: mounts.map(({ name, mountPath, subPath, readOnly = false }) => ({
      name: nameOf(name),
      mountPath,
      ...(subPath !== undefined && { subPath }),
      ...(readOnly && READ_ONLY),
    })),
  };
}

/** The ConfigMaps with files for the worktrees of some agents. */
export function placedFiles(team: ResolvedTeam, agents: readonly ResolvedAgent[]): Mounted {
  const namesOf = (some: readonly ResolvedAgent[]) => [
    ...new Set(filesOf(some).map(({ configMap }) => configMap)),
  ];
  const all = namesOf(team.agents);
  const parts = namesOf(agents).map((configMap): Mounted => {
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

/** Leaves out volumes that several containers of a pod brought in. */
export function uniqueVolumes(volumes: readonly Volume[]): Volume[] {
  return [...new Map(volumes.map((volume) => [volume.name, volume])).values()];
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

/** What a gateway mounts and its agent does not: the ledger, the stop marker, the credentials. */
export function gatewayMounts(
  team: ResolvedTeam,
  agent: ResolvedAgent,
  options: ResolvedOptions,
): Mounted {
  const { api, credentials } = team.secrets;
  const { pricesConfigMap } = options.api;
  const servers = agent.mcpServers.map(({ name, credentialsSecret, headersSecret }, index) =>
    join(
      secretIn(`mcp-${index}`, credentialsSecret, `mcp/${name}`),
      secretIn(`mcp-headers-${index}`, headersSecret, `mcp-headers/${name}`),
    ),
  );
  const services = (agent.environment.services ?? []).flatMap(
    ({ name, credentialsSecret }, index) =>
      credentialsSecret === undefined
        ? []
        : [
            // Without the Secret, the gateway says which one is missing. A pod would wait without a message.
            secret(`service-${index}`, credentialsSecret, `${PATHS.credentials}/services/${name}`, {
              optional: true,
            }),
          ],
  );
  const prices: Mounted =
    pricesConfigMap === undefined
      ? NOTHING
      : {
          volumes: [{ name: 'prices', configMap: { name: pricesConfigMap } }],
          mounts: [{ name: 'prices', mountPath: PATHS.prices, ...READ_ONLY }],
        };
  const claim: Mounted = {
    volumes: [],
    mounts: [
      shared(PATHS.ledger, VOLUME.ledger),
      shared(PATHS.control, VOLUME.control),
      shared(PATHS.state, VOLUME.state, true),
      shared(PATHS.teams, VOLUME.teams),
      shared(PATHS.tasks, VOLUME.tasks, true),
      { name: 'gateway', mountPath: PATHS.gateway },
    ],
  };
  const several = credentials.map(({ name, secret: from }, index) =>
    secret(`api-${index}`, from, `${PATHS.credentials}/api/${name}`),
  );
  const apis = [secretAt('api', api), ...several];
  return join(claim, ...apis, ...servers, ...services, figuresSecret(options), prices);
}

/** Credentials for the push, and for the pull request. */
export function deliveryCredentials({ secrets }: ResolvedTeam): Mounted {
  return join(secretAt('git', secrets.push ?? secrets.clone), secretAt('hosting', secrets.hosting));
}

/**
 * Credentials for the clone, for what setup fetches, and for the check whether the result can be delivered.
 * Setup does all of this before any agent starts, when a refusal costs nothing.
 */
export function setupCredentials(
  { agents, secrets, delivery }: ResolvedTeam,
  options: ResolvedOptions,
): Mounted {
  const { registry, git } = fetchSecrets(fetchedOf(agents, options));
  const clone = join(
    secretAt('git', secrets.clone),
    // As for images, a Secret that does not exist is no error: the registry may be public.
    ...registry.map((name, index) =>
      secret(`registry-${index}`, name, `${PATHS.credentials}/registry/${name}`, {
        optional: true,
      }),
    ),
    ...git.map((name, index) => secretIn(`fetch-${index}`, name, `fetch/${name}`)),
  );
  if (!delivers(delivery.onComplete)) return clone;
  return join(clone, secretAt('push', secrets.push), secretAt('hosting', secrets.hosting));
}

/**
 * The key that proves figures. It is optional: if someone has deleted the Secret, pods still start, and only
 * the figures are missing.
 */
export function figuresSecret({ controller }: ResolvedOptions): Mounted {
  const { figuresSecret: name } = controller;
  return name === undefined
    ? NOTHING
    : secret('figures', name, `${PATHS.credentials}/${FIGURES.directory}`, { optional: true });
}

export function webhookSecret({ secrets }: ResolvedTeam): Mounted {
  return secretAt('webhook', secrets.webhook);
}

/** Mounts a Secret below {@link PATHS.credentials} under the volume's name. */
function secretAt(name: string, secretName: string | undefined): Mounted {
  return secretIn(name, secretName, name);
}

/** @param place path below {@link PATHS.credentials}. */
function secretIn(name: string, secretName: string | undefined, place: string): Mounted {
  return secretName === undefined
    ? NOTHING
    : secret(name, secretName, `${PATHS.credentials}/${place}`);
}
