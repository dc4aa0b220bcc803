import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Template, Volume, Workflow } from '@agentteam/argo';
import { containersOf, initContainersOf } from '../containers.ts';
import type { VolumeSources } from '../pod/mounts.ts';

/** Thrown for a mount that an agent could lead to any directory of this machine. */
export class MovableMountError extends Error {}

interface Place {
  readonly mountPath: string;
  readonly template: string;
  /** Where the mounted directory is: on this machine, or for an emptyDir in its pod. */
  readonly path: string;
  readonly isWritable: boolean;
}

/**
 * Checks that no mounted directory is inside one that a container in a sandbox may write. It could replace the
 * directory with a link, which would be followed when the next container mounts it. (Kubernetes opens each directory
 * on the way without following links; bubblewrap and podman get a path.)
 * @throws MovableMountError naming the first one.
 */
export function requireFixedMounts(
  root: string,
  { spec }: Workflow,
  sources: VolumeSources,
  isSandboxed: (template: string, container: string) => boolean,
): void {
  const templates = spec.templates ?? [];
  const places = templates.flatMap((template) => {
    const volumes = [...(spec.volumes ?? []), ...(template.volumes ?? [])];
    return placesOf(root, { ...template, volumes }, sources, isSandboxed);
  });
  const writable = places.filter(({ isWritable }) => isWritable);
  for (const { mountPath, template, path } of places) {
    const parent = writable.find((other) => path.startsWith(`${other.path}/`));
    if (parent === undefined) continue;
    throw new MovableMountError(
      `${mountPath} of ${template} cannot be mounted on this machine, because ${parent.template} may write to the directory that contains it (${parent.mountPath}), and could replace it by a link to any directory: mount ${parent.mountPath} with readOnly: true, or use a directory of its own for ${mountPath}`,
    );
  }
}

function placesOf(
  root: string,
  template: Template,
  sources: VolumeSources,
  isSandboxed: (template: string, container: string) => boolean,
): readonly Place[] {
  const { name = '', volumes = [] } = template;
  const bases = new Map(
    volumes.map((volume) => [volume.name, baseOf(root, name, volume, sources)] as const),
  );
  return [...initContainersOf(template), ...containersOf(template)].flatMap(
    ([container, { volumeMounts = [] }]) =>
      volumeMounts.flatMap(({ name: volume, mountPath, subPath = '', readOnly = false }) => {
        const base = bases.get(volume);
        if (base === undefined) return [];
        const isWritable = isSandboxed(name, container) && !readOnly && !base.isReadOnly;
        const path = base.isOnDisk ? realOf(join(base.path, subPath)) : join(base.path, subPath);
        return [{ mountPath, template: name, path, isWritable }];
      }),
  );
}

interface Base {
  readonly path: string;
  readonly isReadOnly: boolean;
  /** Whether the path is one of this machine. */
  readonly isOnDisk: boolean;
}

function baseOf(
  root: string,
  template: string,
  { name, persistentVolumeClaim: claim, configMap, secret, image }: Volume,
  { claims, configMaps, images }: VolumeSources,
): Base | undefined {
  if (secret !== undefined) return undefined;
  const shared =
    claim === undefined
      ? (configMaps[configMap?.name ?? ''] ?? images?.[image?.reference ?? ''])
      : claims[claim.claimName];
  if (typeof shared === 'string') {
    const isReadOnly = claim === undefined || claim.readOnly === true;
    return { path: resolve(root, shared), isReadOnly, isOnDisk: true };
  }
  const isEmptyDir = claim === undefined && configMap === undefined && image === undefined;
  if (!isEmptyDir) return undefined;
  return { path: `emptyDir/${template}/${name}`, isReadOnly: false, isOnDisk: false };
}

/** As on Linux; more of them, such as a link to itself, lead nowhere. */
const MOST_LINKS = 40;

/** Resolves the links in a path, of which the end need not exist. An agent of an earlier run may have left some. */
function realOf(path: string, links: number = MOST_LINKS): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    const directory = realOf(parent, links);
    const place = join(directory, basename(path));
    const target = targetOf(place);
    if (target === undefined || links === 0) return place;
    return realOf(resolve(directory, target), links - 1);
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
