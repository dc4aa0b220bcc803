import { cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { usageError } from '../../failure.ts';
import type { ConfigMapFiles } from './config-map-documents.ts';
import type { Need } from './needs.ts';

export interface ConfigMapSources {
  /** From `--configmap name=path`. */
  readonly given: ReadonlyMap<string, string>;
  /** From the team's own YAML file. */
  readonly documents: ReadonlyMap<string, ConfigMapFiles>;
  /** Path of the team file: `configmaps/<name>/` is looked for beside it. */
  readonly teamFile: string;
  readonly rehearsal: boolean;
}

/**
 * Copies every ConfigMap that a run needs into a directory of its own, so that a run goes on as it
 * began whatever happens to the originals.
 * @returns the directory of each, and a note on each that is a stand-in.
 * @throws Failure for those that are nowhere.
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
      // Kubernetes starts the pod without it; so does the embedded engine.
    } else if (sources.rehearsal) {
      await standIn(need, directory);
      directories.set(need.name, directory);
      notes.push(
        `ConfigMap ${need.name}: a stand-in; --configmap ${need.name}=DIR gives a real one`,
      );
    } else {
      missing.push(need.name);
    }
  }
  if (missing.length > 0) throw notFound('ConfigMap', '--configmap', missing, 'configmaps');
  return { directories, notes };
}

/** One error for everything of a kind that is missing, with the ways to give it. */
export function notFound(
  kind: string,
  option: string,
  names: readonly string[],
  beside?: string,
): Error {
  const [first = ''] = names;
  return usageError(
    `${kind}${names.length === 1 ? '' : 's'} not found: ${names.join(', ')}`,
    `Give ${names.length === 1 ? 'it' : 'each'} by ${option} ${first}=PATH${
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
  if (files === undefined) return copyFiles(join(dirname(teamFile), 'configmaps', name), directory);
  await mkdir(directory, { recursive: true });
  for (const [key, data] of files) await writeFile(join(directory, key), data);
  return true;
}

/** @returns `false` if there is nothing at `path`. A single file becomes the key of its name. */
async function copyFiles(path: string, directory: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  await mkdir(directory, { recursive: true });
  await cp(path, found.isDirectory() ? directory : join(directory, basename(path)), {
    recursive: true,
    dereference: true,
  });
  return true;
}

/** Enough of a file that an agent which looks finds one, and that says what it is. */
async function standIn({ name, mountPaths }: Need, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const isSkill = mountPaths.some((path) => path.startsWith(`${PATHS.skills}/`));
  await (isSkill
    ? writeFile(
        join(directory, 'SKILL.md'),
        `---\nname: ${name}\ndescription: Stands in for the skill ${name} in a rehearsal.\n---\n`,
      )
    : writeFile(join(directory, 'README.md'), `Stands in for ConfigMap ${name} in a rehearsal.\n`));
}
