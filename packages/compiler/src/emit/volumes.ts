import type { Lead, Teammate } from '@agentteam/api';
import type { Volume, VolumeMount } from '@agentteam/argo';
import type { AgentSpec } from '@agentteam/contract';
import {
  ARGO_DIRECTORY,
  cacheOf,
  FIGURES,
  ownRepositoryOf,
  PATHS,
  REPOSITORY,
  VOLUME,
} from '@agentteam/contract';
import { hasDelivery } from '../plan/plan.ts';
import { teamClaimName } from '../resolve/names.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** The volume that all pods of the team share. */
export const TEAM_VOLUME = 'team';

const READ_ONLY = { readOnly: true } as const;

/** A volume and where a container has it. */
export interface Mounted {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
}

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

/** The claim that all pods of the team share, as a volume of the Workflow. */
export function teamVolume({ workflowName }: ResolvedTeam): Volume {
  return {
    name: TEAM_VOLUME,
    persistentVolumeClaim: { claimName: teamClaimName(workflowName) },
  };
}

function emptyDir(name: string, mountPath: string): Mounted {
  return { volumes: [{ name, emptyDir: {} }], mounts: [{ name, mountPath }] };
}

function secret(
  name: string,
  secretName: string,
  mountPath: string,
  options: { readonly optional?: true } = {},
): Mounted {
  return {
    // Owner and group only: the pod's group may read it, nobody else.
    volumes: [{ name, secret: { secretName, defaultMode: 0o440, ...options } }],
    mounts: [{ name, mountPath, ...READ_ONLY }],
  };
}

/** The directories that are gone with the pod. */
export function scratch(): Mounted {
  return join(emptyDir('home', PATHS.home), emptyDir('tmp', '/tmp'));
}

/** The same for the container before an agent's: what it leaves there is no agent's to read. */
export function setupScratch(): Mounted {
  return join(emptyDir('setup-home', PATHS.home), emptyDir('setup-tmp', '/tmp'));
}

/** The whole claim, for steps of ours that run nobody's code but ours. */
export function wholeClaim(team: ResolvedTeam): Mounted {
  return {
    volumes: [],
    mounts: [
      shared(PATHS.volume),
      ...(team.repository === undefined ? [] : [shared(PATHS.repository, VOLUME.repository)]),
    ],
  };
}

/** What an agent may see and touch. */
export function agentMounts(team: ResolvedTeam, spec: AgentSpec, source: Lead | Teammate): Mounted {
  const claim: Mounted = {
    volumes: [],
    mounts: [
      shared(PATHS.teams, VOLUME.teams),
      shared(PATHS.tasks, VOLUME.tasks),
      shared(PATHS.session, `${VOLUME.sessions}/${spec.name}`),
      shared(PATHS.state, VOLUME.state, true),
      shared(PATHS.ownState, `${VOLUME.state}/${spec.name}`),
      shared(PATHS.control, VOLUME.control, true),
      ...(team.repository === undefined
        ? [shared(PATHS.work, `${VOLUME.work}/${spec.name}`)]
        : treeMounts(spec)),
    ],
  };
  const gateway: Mounted = {
    volumes: [{ name: 'gateway', emptyDir: { medium: 'Memory' } }],
    mounts: [{ name: 'gateway', mountPath: PATHS.gateway, ...READ_ONLY }],
  };
  const parts = [scratch(), claim, gateway, inputs(team), output(team), skills(source)];
  return join(...parts, argoFiles());
}

/** The volume of Argo's own that {@link argoFiles} mounts: each pod has it already. */
export const ARGO_VOLUME: Volume = { name: ARGO_DIRECTORY.volume, emptyDir: {} };

/**
 * Argo mounts its directory writable into every container. What Argo trusts in it is mounted once
 * more over itself, read-only: a file that is a mount point can be neither written nor replaced.
 */
function argoFiles(): Mounted {
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
 * An agent's own worktree and repository, and the base to read. No pod mounts another agent's: git
 * would run, in one agent's container, what another one wrote into its configuration.
 */
function treeMounts(spec: AgentSpec): readonly VolumeMount[] {
  const inRepository = (path: string, readOnly = false): VolumeMount =>
    shared(`${PATHS.repository}/${path}`, `${VOLUME.repository}/${path}`, readOnly);
  const tree = spec.cwd.slice(PATHS.repository.length + 1);
  return [
    inRepository(REPOSITORY.base, true),
    inRepository(ownRepositoryOf(spec.name)),
    inRepository(tree),
    shared(PATHS.cache, cacheOf(spec.cwd)),
  ];
}

function inputs(team: ResolvedTeam): Mounted {
  const parts = (team.team.spec.workspace?.inputs ?? []).map(
    ({ configMap, pvc, mountPath }, index): Mounted => {
      const name = `input-${index}`;
      const source =
        configMap !== undefined
          ? { configMap: { name: configMap } }
          : { persistentVolumeClaim: { claimName: pvc ?? '', ...READ_ONLY } };
      return { volumes: [{ name, ...source }], mounts: [{ name, mountPath, ...READ_ONLY }] };
    },
  );
  return join(...parts);
}

function output(team: ResolvedTeam): Mounted {
  if (team.output === undefined) return { volumes: [], mounts: [] };
  const { claim, mountPath } = team.output;
  return {
    volumes: [{ name: 'output', persistentVolumeClaim: { claimName: claim } }],
    mounts: [{ name: 'output', mountPath }],
  };
}

function skills(source: Lead | Teammate): Mounted {
  const parts = (source.skills ?? []).map(({ name: skill, source: from }, index): Mounted => {
    const name = `skill-${index}`;
    return {
      volumes: [{ name, configMap: { name: from.configMap ?? '' } }],
      mounts: [{ name, mountPath: `${PATHS.skills}/${skill}`, ...READ_ONLY }],
    };
  });
  return join(...parts);
}

/** What the gateway has and its agent has not: the ledger, the stop marker, the credentials. */
export function gatewayMounts(
  team: ResolvedTeam,
  source: Lead | Teammate,
  options: ResolvedOptions,
): Mounted {
  const { apiKeySecret, oauthSecret } = team.team.spec.auth ?? {};
  const api = apiKeySecret ?? oauthSecret;
  const servers = (source.mcpServers ?? []).flatMap(({ name, credentialsSecret }, index) =>
    credentialsSecret === undefined
      ? []
      : [secret(`mcp-${index}`, credentialsSecret, `${PATHS.credentials}/mcp/${name}`)],
  );
  const prices: Mounted =
    options.pricesConfigMap === undefined
      ? { volumes: [], mounts: [] }
      : {
          volumes: [{ name: 'prices', configMap: { name: options.pricesConfigMap } }],
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
  return join(
    claim,
    ...(api === undefined ? [] : [secret('api', api, `${PATHS.credentials}/api`)]),
    ...servers,
    figuresSecret(options),
    prices,
  );
}

/** What `Deliver` pushes and opens a pull request with. */
export function deliveryCredentials(team: ResolvedTeam): Mounted {
  const { repository, lifecycle } = team.team.spec;
  const name = lifecycle.gitCredentialsSecret ?? repository?.credentialsSecret;
  const git = name === undefined ? [] : [secret('git', name, `${PATHS.credentials}/git`)];
  return join(...git, hostingCredential(team));
}

/**
 * What `setup` clones with, and what it asks with whether the result can be delivered: before any agent
 * starts, while a refusal costs nothing.
 */
export function setupCredentials(team: ResolvedTeam): Mounted {
  const { repository, lifecycle } = team.team.spec;
  const clone = repository?.credentialsSecret;
  const push = lifecycle.gitCredentialsSecret;
  const delivers = hasDelivery(lifecycle);
  return join(
    ...(clone === undefined ? [] : [secret('git', clone, `${PATHS.credentials}/git`)]),
    ...(push === undefined || !delivers ? [] : [secret('push', push, `${PATHS.credentials}/push`)]),
    ...(delivers ? [hostingCredential(team)] : []),
  );
}

function hostingCredential({ team }: ResolvedTeam): Mounted {
  const { onComplete, githubTokenSecret: name } = team.spec.lifecycle;
  return name === undefined || onComplete !== 'create-pr'
    ? { volumes: [], mounts: [] }
    : secret('hosting', name, `${PATHS.credentials}/hosting`);
}

/**
 * The key that proves figures. A pod starts without it where somebody has deleted it: then nobody is
 * shown figures, and the work goes on.
 */
export function figuresSecret({ figuresSecret: name }: ResolvedOptions): Mounted {
  return name === undefined
    ? { volumes: [], mounts: [] }
    : secret('figures', name, `${PATHS.credentials}/${FIGURES.directory}`, { optional: true });
}

export function webhookSecret(team: ResolvedTeam): Mounted {
  const name = team.team.spec.observability?.webhook?.secret;
  return name === undefined
    ? { volumes: [], mounts: [] }
    : secret('webhook', name, `${PATHS.credentials}/webhook`);
}
