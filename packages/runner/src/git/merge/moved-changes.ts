import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitOptions, git, gitLine } from '../run.ts';
import { type Change, changesBetween, MODES } from '../scope/changes.ts';

export interface MergedTree {
  /** Id of the tree. Files in conflict have conflict markers in it. */
  readonly tree: string;
  readonly conflicts: readonly string[];
}

/** What one side of a merge has changed since it and the other side parted. */
interface Changes {
  readonly byPath: ReadonlyMap<string, Change>;
  /** The directories of the files that the side has added or changed. */
  readonly directories: ReadonlySet<string>;
}

/**
 * Undoes what git does when one side of a merge has moved a file: it applies the other side's changes at the new
 * path, which may be outside the scope of the agent that made them, or finds a conflict there. Git always does
 * that: `merge.renames` has no effect on `git merge-tree` before 2.50.
 * @param mixed the paths at which the merged tree differs from both sides.
 * @returns the tree with the file as the one side moved it. The old path is in conflict.
 */
export async function keepInPlace(
  { tree, conflicts }: MergedTree,
  mixed: readonly string[],
  { ours, theirs }: { readonly ours: string; readonly theirs: string },
  options: GitOptions,
): Promise<MergedTree> {
  const all = ['merge-base', '--all', ours, theirs];
  const bases = (await gitLine(all, { ...options, accept: [0, 1] })).split('\n').filter(Boolean);
  const own = await changesSince(bases, ours, options);
  const other = await changesSince(bases, theirs, options);
  const candidates = new Set([...mixed, ...conflicts]);
  const decided = [...candidates].flatMap((path) => decide(path, own, other) ?? []);
  const paths = new Set(decided.map(({ path }) => path));
  const left = [...movedFrom(own, other), ...movedFrom(other, own)];
  return {
    tree: decided.length === 0 ? tree : await withEntries(tree, decided, options),
    conflicts: [...new Set([...conflicts.filter((path) => !paths.has(path)), ...left])],
  };
}

/** The change of a path that needs no merging: only one side has changed it, or both have removed it. */
function decide(path: string, own: Changes, other: Changes): Change | undefined {
  const [one, two] = [own.byPath.get(path), other.byPath.get(path)];
  if (one !== undefined && two !== undefined) {
    return one.newMode === MODES.none && two.newMode === MODES.none ? one : undefined;
  }
  const isFree = !hasBeside(path, one === undefined ? own : other);
  return isFree ? (one ?? two) : undefined;
}

/** Whether a side has a file where a path needs a directory, or a directory in the place of its file. */
function hasBeside(path: string, { byPath, directories }: Changes): boolean {
  if (directories.has(path)) return true;
  for (const directory of directoriesOf(path)) {
    const change = byPath.get(directory);
    if (change !== undefined && change.newMode !== MODES.none) return true;
  }
  return false;
}

/** `a/b` and then `a` for `a/b/c`. */
function* directoriesOf(path: string): Iterable<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    yield path.slice(0, end);
  }
}

async function changesSince(
  bases: readonly string[],
  side: string,
  options: GitOptions,
): Promise<Changes> {
  const found = await Promise.all(bases.map((base) => changesBetween(base, side, options)));
  const byPath = new Map(found.flat().map((change) => [change.path, change]));
  const directories = new Set<string>();
  for (const { path, newMode } of byPath.values()) {
    if (newMode === MODES.none) continue;
    for (const directory of directoriesOf(path)) {
      // Those above it are there as well.
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return { byPath, directories };
}

/** The paths that one side removed while the other changed them. */
function movedFrom(remover: Changes, changer: Changes): readonly string[] {
  return [...remover.byPath.values()]
    .filter(({ path, newMode }) => {
      const change = changer.byPath.get(path);
      return newMode === MODES.none && change !== undefined && change.newMode !== MODES.none;
    })
    .map(({ path }) => path);
}

/** A tree in which some paths have what one side has there. */
async function withEntries(
  tree: string,
  entries: readonly Change[],
  options: GitOptions,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-index-'));
  try {
    const inIndex = {
      ...options,
      env: { ...options.env, GIT_INDEX_FILE: join(directory, 'index') },
    };
    await git(['read-tree', tree], inIndex);
    const input = entries.map(
      ({ path, newMode, newId }) => `${newMode.replace(MODES.none, '0')} ${newId}\t${path}\0`,
    );
    await git(['update-index', '-z', '--index-info'], { ...inIndex, input: input.join('') });
    return await gitLine(['write-tree'], inIndex);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
