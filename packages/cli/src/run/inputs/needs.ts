import type { Container, Template, Volume, Workflow } from '@agentteam/argo';
import { TEAM_VOLUME } from '@agentteam/compiler';

/** Something outside the Workflow that its pods mount. */
export interface Need {
  readonly name: string;
  /** Templates that mount it. */
  readonly usedBy: readonly string[];
  /** Where they mount it. */
  readonly mountPaths: readonly string[];
  /** Whether pods start without it. */
  readonly optional: boolean;
}

export interface Needs {
  readonly configMaps: readonly Need[];
  readonly secrets: readonly Need[];
  /** Claims that exist apart from the team: its own shared claim is made with it. */
  readonly claims: readonly Need[];
}

/** What must exist before a Workflow can run: read from the Workflow itself, so it is never wrong. */
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
        return source === undefined ? [] : [{ ...source, usedBy, mountPaths }];
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

/** A template's containers, in the order in which they start. */
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

/** One entry a name; needed by one is needed. */
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
