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
import { dirname, join, resolve, sep } from 'node:path';
import type { Volume, VolumeMount } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import { removeTreesNow } from '@agentteam/volume';

/** What the volumes of a Workflow are on this machine. Paths are absolute. */
export interface VolumeSources {
  /** Directories that stand for claims, by name. */
  readonly claims: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapSource>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A directory whose files are the keys, or the keys themselves. */
export type ConfigMapSource = string | Readonly<Record<string, string>>;

/** A volume's place on this machine and in a container. */
export interface HostMount {
  readonly host: string;
  readonly path: string;
  readonly readOnly: boolean;
}

export class MissingSourceError extends Error {}

/** A pod's own volumes. Secrets lie apart: they leave the disk with the pod, whatever ends it. */
const VOLUMES = 'volumes';
const SECRETS = 'secrets';

/**
 * Makes a pod's volumes in its directory, and resolves a container's mounts to them. Argo's own
 * volume is left out: there is no executor on this machine that shares it.
 * @throws MissingSourceError naming a claim, ConfigMap or Secret that nobody provided.
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
      const host = mount.subPath === undefined ? base : below(base, mount.subPath);
      // Kubernetes makes a subPath that does not exist; it makes directories, too.
      if (!existsSync(host)) mkdirSync(host, { recursive: true });
      const readOnly = mount.readOnly === true || isReadOnly(byName.get(mount.name));
      return { host: realpathSync(host), path: mount.mountPath, readOnly };
    })
    .sort((a, b) => a.path.split('/').length - b.path.split('/').length);
}

/** Kubernetes mounts ConfigMaps and Secrets read-only whatever the mount says. */
function isReadOnly(volume: Volume | undefined): boolean {
  return (
    volume?.configMap !== undefined ||
    volume?.secret !== undefined ||
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
  if (volume === undefined) throw new MissingSourceError(`there is no volume ${name}`);
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName } = volume.persistentVolumeClaim;
    const directory = sources.claims[claimName];
    if (directory !== undefined) return directory;
    throw new MissingSourceError(`no directory stands for the claim ${claimName}`);
  }
  if (volume.configMap !== undefined) {
    const configMap = volume.configMap.name ?? '';
    const source = sources.configMaps[configMap];
    if (source === undefined) throw new MissingSourceError(`there is no ConfigMap ${configMap}`);
    if (typeof source === 'string') return source;
    writeFiles(own, source, 0o755, 0o644);
  } else if (volume.secret !== undefined) {
    const secret = volume.secret.secretName ?? '';
    const source = sources.secrets[secret] ?? (volume.secret.optional ? {} : undefined);
    if (source === undefined) throw new MissingSourceError(`there is no Secret ${secret}`);
    const directory = join(podDirectory, SECRETS, name);
    writeFiles(directory, source, 0o700, 0o600);
    return directory;
  }
  mkdirSync(own, { recursive: true });
  return own;
}

function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
  directoryMode: number,
  fileMode: number,
): void {
  mkdirSync(directory, { recursive: true, mode: directoryMode });
  chmodSync(directory, directoryMode);
  for (const [key, content] of Object.entries(files)) {
    writeFileSync(below(directory, key), content, { mode: fileMode });
  }
}

/** @throws RangeError when the name leads out of the directory. */
function below(directory: string, name: string): string {
  const path = resolve(directory, name);
  if (!path.startsWith(`${resolve(directory)}${sep}`)) {
    throw new RangeError(`${name} leads out of its volume`);
  }
  return path;
}

/**
 * Takes a pod's secrets off the disk; they are made again when a container that mounts them starts.
 * @param kept volumes that stay.
 */
export function removeSecrets(podDirectory: string, kept: ReadonlySet<string> = new Set()): void {
  const directory = join(podDirectory, SECRETS);
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (!kept.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** A file of a container as its mount has it: below a directory of this machine. */
export interface Mounted {
  readonly directory: string;
  readonly names: readonly string[];
}

/** @returns undefined for a path that no mount covers. */
export function mountOf(mounts: readonly HostMount[], path: string): Mounted | undefined {
  // The innermost is the last of those that cover it.
  const found = mounts.findLast((mount) => path.startsWith(`${mount.path}/`));
  if (found === undefined) return undefined;
  return { directory: found.host, names: path.slice(found.path.length + 1).split('/') };
}

/** Takes away what a pod that starts again must not find: its emptyDirs belong to the one before. */
export function clearVolumes(podDirectory: string): void {
  removeTreesNow([join(podDirectory, VOLUMES)]);
  removeSecrets(podDirectory);
}

/** The tree that stands for a container's `/`: a symbolic link at each mount path. */
export function linkRoot(root: string, mounts: readonly HostMount[]): void {
  mkdirSync(root, { recursive: true });
  for (const { host, path } of mounts) {
    const link = join(root, path);
    mkdirSync(dirname(link), { recursive: true });
    // Below another mount, and there already: a directory of that mount's own volume.
    if (existsSync(link)) {
      if (realpathSync(link) === host) continue;
      throw new Error(`${path} is mounted over something else`);
    }
    symlinkSync(host, link);
  }
}
