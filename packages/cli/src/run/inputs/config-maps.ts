import { cp, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { usageError } from '../../failure.ts';
import type { ConfigMapFiles } from './config-map-documents.ts';
import type { Need } from './needs.ts';

export interface ConfigMapSources {
  /** Paths from `--configmap name=path`. */
  readonly given: ReadonlyMap<string, string>;
  /** ConfigMaps in the YAML file of the team. */
  readonly documents: ReadonlyMap<string, ConfigMapFiles>;
  /** Path of the team file. A directory `configmaps/<name>/` beside it is a ConfigMap too. */
  readonly teamFile: string;
  /** Keys that a stand-in must have, by the name of the ConfigMap. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly rehearsal: boolean;
}

/**
 * Copies every ConfigMap that a run needs into its own directory, so that changes to the originals do not
 * affect a resumed run.
 * @returns the directory of each ConfigMap, and a note for each stand-in.
 * @throws Failure listing the ConfigMaps that are missing.
 */
export async function resolveConfigMaps(
  needs: readonly Need[],
  sources: ConfigMapSources,
  target: string,
): Promise<{
  readonly directories: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}> {
  const directories = new Map<string, string>();
  const notes: string[] = [];
  const missing: string[] = [];
  for (const need of needs) {
    const directory = join(target, need.name);
    if (await copyFromSource(need.name, sources, directory)) {
      directories.set(need.name, directory);
    } else if (need.optional) {
      // Kubernetes and the embedded engine start the pod without it.
    } else if (sources.rehearsal) {
      await standIn(need, sources.keys.get(need.name) ?? [], directory);
      directories.set(need.name, directory);
      notes.push(
        `ConfigMap ${need.name}: using a stand-in; use --configmap ${need.name}=DIR for a real one`,
      );
    } else {
      missing.push(need.name);
    }
  }
  if (missing.length > 0) throw notFound('ConfigMap', '--configmap', missing, 'configmaps');
  return { directories, notes };
}

/** Makes one error for all missing objects of a kind, with a hint on how to provide them. */
export function notFound(
  kind: string,
  option: string,
  names: readonly string[],
  beside?: string,
): Error {
  const [first = ''] = names;
  return usageError(
    `${kind}${names.length === 1 ? '' : 's'} not found: ${names.join(', ')}`,
    `Provide ${names.length === 1 ? 'it' : 'each'} with ${option} ${first}=PATH${
      beside === undefined ? '' : `, or as ${beside}/${first}/ beside the team file`
    }.`,
  );
}

async function copyFromSource(
  name: string,
  { given, documents, teamFile }: ConfigMapSources,
  directory: string,
): Promise<boolean> {
  const path = given.get(name);
  if (path !== undefined) return copyFiles(path, directory);
  const files = documents.get(name);
  if (files === undefined) {
    const beside = dirname(teamFile);
    return copyFiles(
      join(beside, 'configmaps', name),
      directory,
      await realpath(beside).catch(() => beside),
    );
  }
  await mkdir(directory, { recursive: true });
  for (const [key, data] of files) await writeFile(join(directory, key), data);
  return true;
}

/**
 * Copies a directory, or a file, whose name becomes the key.
 * @param within real path of the directory that links must not lead out of: somebody else may have put them beside
 *   the team file, and agents get what they lead to. Absent: links are followed wherever they lead.
 * @returns false when `path` does not exist.
 */
async function copyFiles(path: string, directory: string, within?: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  await mkdir(directory, { recursive: true });
  await cp(path, found.isDirectory() ? directory : join(directory, basename(path)), {
    recursive: true,
    dereference: true,
    filter: async (source) => {
      const place = await realpath(source);
      if (within === undefined || !relative(within, place).startsWith('..')) return true;
      throw usageError(
        `${source} is a link to ${place}, which is not beside the team file`,
        'Put the files beside the team file, or give their directory with --configmap.',
      );
    },
  });
  return true;
}

/** Makes a file that says that it is a stand-in. */
async function standIn(
  { name, mountPaths }: Need,
  keys: readonly string[],
  directory: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const text = `Stand-in for ConfigMap ${name} in a rehearsal.\n`;
  for (const key of keys) await writeFile(join(directory, key), text);
  const isSkill = mountPaths.some((path) => path.startsWith(`${PATHS.skills}/`));
  await (isSkill
    ? writeFile(
        join(directory, 'SKILL.md'),
        `---\nname: ${name}\ndescription: Stand-in for the skill ${name} in a rehearsal.\n---\n`,
      )
    : writeFile(join(directory, 'README.md'), text));
}
