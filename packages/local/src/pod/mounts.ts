import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Volume, VolumeMount } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import { removeTreesNow } from '@agentteam/volume';
import type { HostMount } from '../sandbox/bubblewrap.ts';
import { below } from './below.ts';
import { type SecretSource, writeSecret } from './secret-volume.ts';

/** The directories and values of this machine that serve as the volumes of a Workflow. Paths are absolute. */
export interface VolumeSources {
  /** Directories that serve as claims, by name. */
  readonly claims: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapSource>>;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** Directories that serve as volumes of the type image, by the image. */
  readonly images?: Readonly<Record<string, string>>;
}

/** A directory with a file for each key, or the values by key. */
export type ConfigMapSource = string | Readonly<Record<string, string>>;

/** Thrown when a claim, ConfigMap, Secret or program that a Workflow refers to is not given. */
export class MissingSourceError extends Error {}

/** Directories of a pod. Secrets are separate, because they are removed when the pod ends. */
const VOLUMES = 'volumes';
const SECRETS = 'secrets';

/**
 * Creates a pod's volumes in its directory and resolves a container's mounts to them, outer mounts first.
 * Argo's own volume is left out, because no executor runs on this machine.
 * @throws MissingSourceError naming a claim, ConfigMap or Secret that is not given.
 */
export function hostMounts(
  podDirectory: string,
  volumes: readonly Volume[],
  mounts: readonly VolumeMount[],
  sources: VolumeSources,
): readonly HostMount[] {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  return mounts
    .filter(({ name }) => name !== ARGO_DIRECTORY.volume)
    .map((mount) => {
      const base = volumeDirectory(podDirectory, mount.name, byName.get(mount.name), sources);
      const readOnly = mount.readOnly === true || isReadOnly(byName.get(mount.name));
      return { host: directoryIn(base, mount), path: mount.mountPath, readOnly };
    })
    .sort((a, b) => a.path.split('/').length - b.path.split('/').length);
}

/**
 * The directory or file that is mounted. An agent of an earlier run may have left a link in a claim. No agent of this
 * run can place one: see `requireFixedMounts`.
 */
function directoryIn(base: string, { name, subPath }: VolumeMount): string {
  // Kubernetes creates a missing subPath as a directory.
  if (!existsSync(base)) mkdirSync(base, { recursive: true });
  const volume = realpathSync(base);
  if (subPath === undefined) return volume;
  let path = volume;
  for (const part of below(volume, subPath)
    .slice(volume.length + 1)
    .split(sep)) {
    path = join(path, part);
    if (!existsSync(path)) mkdirSync(path);
    path = realpathSync(path);
    if (path !== volume && !path.startsWith(`${volume}${sep}`)) {
      throw new Error(`${subPath} in the volume ${name} is a link that leads out of the volume`);
    }
  }
  return path;
}

/** Kubernetes always mounts ConfigMaps, Secrets and images read-only. */
function isReadOnly(volume: Volume | undefined): boolean {
  return (
    volume?.configMap !== undefined ||
    volume?.secret !== undefined ||
    volume?.image !== undefined ||
    volume?.persistentVolumeClaim?.readOnly === true
  );
}

function volumeDirectory(
  podDirectory: string,
  name: string,
  volume: Volume | undefined,
  sources: VolumeSources,
): string {
  const own = join(podDirectory, VOLUMES, name);
  if (volume === undefined) throw new MissingSourceError(`no volume is named ${name}`);
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName } = volume.persistentVolumeClaim;
    const directory = sources.claims[claimName];
    if (directory !== undefined) return directory;
    throw new MissingSourceError(`no directory is given for the claim ${claimName}`);
  }
  if (volume.image !== undefined) {
    const { reference = '' } = volume.image;
    const directory = sources.images?.[reference];
    if (directory !== undefined) return directory;
    throw new MissingSourceError(`no directory is given for the image ${reference}`);
  }
  if (volume.configMap !== undefined) {
    const configMap = volume.configMap.name ?? '';
    const source = sources.configMaps[configMap];
    if (source === undefined)
      throw new MissingSourceError(`the ConfigMap ${configMap} is not given`);
    if (typeof source === 'string') return source;
    writeFiles(own, source);
  } else if (volume.secret !== undefined) {
    const secret = volume.secret.secretName ?? '';
    const source = sources.secrets[secret] ?? (volume.secret.optional ? {} : undefined);
    if (source === undefined) throw new MissingSourceError(`the Secret ${secret} is not given`);
    const directory = join(podDirectory, SECRETS, name);
    writeSecret(directory, source);
    return directory;
  }
  mkdirSync(own, { recursive: true });
  return own;
}

function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  chmodSync(directory, 0o755);
  for (const [key, content] of Object.entries(files)) {
    writeFileSync(below(directory, key), content, { mode: 0o644 });
  }
}

/**
 * Writes again what people have replaced in the Secrets that a pod has mounted.
 * @param volumes the pod's volumes.
 */
export function refreshSecrets(
  podDirectory: string,
  volumes: readonly Volume[],
  secrets: VolumeSources['secrets'],
): void {
  for (const { name, secret } of volumes) {
    const source = secrets[secret?.secretName ?? ''];
    const directory = join(podDirectory, SECRETS, name);
    if (typeof source === 'function' && existsSync(directory)) writeSecret(directory, source);
  }
}

/**
 * Removes a pod's secrets from the disk. They are written again when a container that mounts them starts.
 * @param kept names of volumes that are not removed.
 */
export function removeSecrets(podDirectory: string, kept: ReadonlySet<string> = new Set()): void {
  const directory = join(podDirectory, SECRETS);
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (!kept.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Where a container's file lies: a path below a directory of this machine. */
export interface Mounted {
  readonly directory: string;
  readonly names: readonly string[];
}

/** @returns undefined for a path that no mount covers. */
export function mountOf(mounts: readonly HostMount[], path: string): Mounted | undefined {
  // Outer mounts come first, so the last one that covers the path is the innermost.
  const found = mounts.findLast((mount) => path.startsWith(`${mount.path}/`));
  if (found === undefined) return undefined;
  return { directory: found.host, names: path.slice(found.path.length + 1).split('/') };
}

/** Removes the emptyDirs and secrets of an earlier start of the same pod. */
export function clearVolumes(podDirectory: string): void {
  removeTreesNow([join(podDirectory, VOLUMES)]);
  removeSecrets(podDirectory);
}

/** Creates the directory that serves as a container's `/`, with a symbolic link at each mount path. */
export function linkRoot(root: string, mounts: readonly HostMount[]): void {
  mkdirSync(root, { recursive: true });
  for (const { host, path } of mounts) {
    const link = join(root, path);
    mkdirSync(dirname(link), { recursive: true });
    // The mount path may exist in the volume of an outer mount.
    if (existsSync(link)) {
      if (realpathSync(link) === host) continue;
      throw new Error(`${path} already exists in the volume of another mount`);
    }
    symlinkSync(host, link);
  }
}
