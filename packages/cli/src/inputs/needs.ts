import type { Container, Template, Workflow } from '@agentteam/argo';

/** Something outside the Workflow that its pods mount. */
export interface Need {
  readonly name: string;
  /** Templates that mount it. */
  readonly usedBy: readonly string[];
  /** Whether pods start without it. */
  readonly optional: boolean;
}

export interface Needs {
  readonly configMaps: readonly Need[];
  readonly secrets: readonly Need[];
  /** Claims that exist apart from the Workflow. */
  readonly claims: readonly Need[];
}

type Volume = NonNullable<Workflow['spec']['volumes']>[number];

/** What must exist before a Workflow can run: read from the Workflow itself, so it is never wrong. */
export function needsOf(workflow: Workflow): Needs {
  const { volumes = [], templates = [] } = workflow.spec;
  const own = templates.flatMap((template) =>
    (template.volumes ?? []).map((volume) => ({ volume, templates: [template] })),
  );
  const shared = volumes.map((volume) => ({ volume, templates }));
  const mounted = [...shared, ...own].flatMap(({ volume, templates: candidates }) => {
    const usedBy = candidates
      .filter((template) => mounts(template, volume.name))
      .map(({ name }) => name ?? '');
    return usedBy.length === 0 ? [] : [{ volume, usedBy }];
  });
  const collect = (read: (volume: Volume) => Omit<Need, 'usedBy'> | undefined): readonly Need[] =>
    merge(
      mounted.flatMap(({ volume, usedBy }) => {
        const need = read(volume);
        return need === undefined ? [] : [{ ...need, usedBy }];
      }),
    );
  return {
    configMaps: collect(({ configMap }) => named(configMap?.name, configMap?.optional)),
    secrets: collect(({ secret }) => named(secret?.secretName, secret?.optional)),
    claims: collect(({ persistentVolumeClaim }) => named(persistentVolumeClaim?.claimName, false)),
  };
}

function named(name: string | undefined, optional = false): Omit<Need, 'usedBy'> | undefined {
  return name === undefined ? undefined : { name, optional };
}

/** A template's containers, the main one first. */
export function containersOf(template: Template): readonly Container[] {
  return [
    ...(template.container === undefined ? [] : [template.container]),
    ...(template.initContainers ?? []),
    ...(template.sidecars ?? []),
  ] as readonly Container[];
}

function mounts(template: Template, volume: string): boolean {
  return containersOf(template).some(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name === volume),
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
      optional: need.optional && (known?.optional ?? true),
    });
  }
  return [...byName.values()];
}
