import type { Container, Template, Volume, Workflow } from '@agentteam/argo';
import { TEAM_VOLUME } from '@agentteam/compiler';
import { DOCKER_CONFIG_KEY, FILES, PATHS } from '@agentteam/contract';

/** A ConfigMap, Secret or claim that the pods of a Workflow mount. */
export interface Need {
  readonly name: string;
  /** Names of the templates that mount it. */
  readonly usedBy: readonly string[];
  readonly mountPaths: readonly string[];
  /** Whether pods start without it. */
  readonly optional: boolean;
}

export interface Needs {
  readonly configMaps: readonly Need[];
  readonly secrets: readonly Need[];
  /** Claims that must exist; the team's shared claim is created with the team and not included. */
  readonly claims: readonly Need[];
}

/** Pods start without the Secrets of services, but their gateways do not. */
const SERVICES = `${PATHS.credentials}/services/`;

/** Finds what must exist before a Workflow can run, from the volumes of the Workflow. */
export function needsOf(workflow: Workflow): Needs {
  const { volumes = [], templates = [] } = workflow.spec;
  const own = templates.flatMap((template) =>
    (template.volumes ?? []).map((volume) => ({ volume, templates: [template] })),
  );
  const shared = volumes
    .filter(({ name }) => name !== TEAM_VOLUME)
    .map((volume) => ({ volume, templates }));
  const mounted = [...shared, ...own].flatMap(({ volume, templates: candidates }) => {
    const users = candidates.filter((template) => mountsOf(template, volume.name).length > 0);
    if (users.length === 0) return [];
    const usedBy = users.map(({ name }) => name ?? '');
    const mountPaths = users.flatMap((template) => mountsOf(template, volume.name));
    return [{ volume, usedBy, mountPaths }];
  });
  const collect = (read: (volume: Volume) => NamedSource | undefined): readonly Need[] =>
    merge(
      mounted.flatMap(({ volume, usedBy, mountPaths }) => {
        const source = read(volume);
        if (source === undefined) return [];
        const optional = source.optional && !mountPaths.some((path) => path.startsWith(SERVICES));
        return [{ ...source, optional, usedBy, mountPaths }];
      }),
    );
  return {
    configMaps: collect(({ configMap }) => named(configMap?.name, configMap?.optional)),
    secrets: collect(({ secret }) => named(secret?.secretName, secret?.optional)),
    claims: collect(({ persistentVolumeClaim }) => named(persistentVolumeClaim?.claimName, false)),
  };
}

type NamedSource = Pick<Need, 'name' | 'optional'>;

function named(name: string | undefined, optional = false): NamedSource | undefined {
  return name === undefined ? undefined : { name, optional };
}

/** The containers of a template, in the order in which they start. */
export function containersOf(template: Template): readonly Container[] {
  return [
    ...(template.initContainers ?? []),
    ...(template.container === undefined ? [] : [template.container]),
  ] as readonly Container[];
}

function mountsOf(template: Template, volume: string): readonly string[] {
  return containersOf(template).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.filter(({ name }) => name === volume).map(({ mountPath }) => mountPath),
  );
}

/** Merges needs with the same name. The result is required if one of them is. */
function merge(needs: readonly Need[]): readonly Need[] {
  const byName = new Map<string, Need>();
  for (const need of needs) {
    const known = byName.get(need.name);
    byName.set(need.name, {
      name: need.name,
      usedBy: [...new Set([...(known?.usedBy ?? []), ...need.usedBy])],
      mountPaths: [...new Set([...(known?.mountPaths ?? []), ...need.mountPaths])],
      optional: need.optional && (known?.optional ?? true),
    });
  }
  return [...byName.values()];
}

const GIT_KEYS =
  'token, or appId, installationId and privateKey, or ssh-privatekey and known_hosts';

/** Keys that a Secret or ConfigMap must have, by mount path. */
const KEYS: readonly (readonly [string, string])[] = [
  [`${PATHS.credentials}/api`, 'ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN'],
  [`${PATHS.credentials}/mcp/`, 'token'],
  [`${PATHS.credentials}/mcp-headers/`, 'a key for each header'],
  [SERVICES, 'token, or username and password'],
  [`${PATHS.credentials}/git`, GIT_KEYS],
  [`${PATHS.credentials}/push`, GIT_KEYS],
  [`${PATHS.credentials}/hosting`, 'token, or appId, installationId and privateKey'],
  [`${PATHS.credentials}/webhook`, 'secret'],
  [`${PATHS.credentials}/registry/`, DOCKER_CONFIG_KEY],
  [`${PATHS.credentials}/fetch/`, 'token, or ssh-privatekey and known_hosts'],
  [PATHS.prices, FILES.prices],
  [PATHS.trust, FILES.trust],
];

/** Describes the required keys, for the end of a line: `, with token`. Empty when none are required. */
export function keysOf({ mountPaths }: Need): string {
  const keys = KEYS.filter(([path]) => mountPaths.some((mounted) => mounted.startsWith(path)));
  return keys.length === 0 ? '' : `, with ${keys.map(([, names]) => names).join('; ')}`;
}
