import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { baseStoreOf, type TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { copyUntrusted } from './copy-file.ts';
import { largeFileName } from './record.ts';

/** A pointer file of Git LFS is shorter (its specification says so). */
const MOST_POINTER_BYTES = 1024;
/** The largest file that is taken over; what GitHub takes is less. */
const MOST_BYTES = 8 * 1024 ** 3;

interface Pointer {
  readonly id: string;
  readonly size: number;
}

/**
 * Leaves the files of Git LFS that a commit needs, and that neither the base nor others have.
 * @returns whether there are any.
 */
export async function leaveLargeFiles(
  repository: TeamRepository,
  target: string,
  range: readonly string[],
  options: GitOptions,
): Promise<boolean> {
  // An agent without such files has no such directory.
  if (!(await exists(join(options.cwd, 'lfs', 'objects')))) return false;
  let some = false;
  for (const { id } of await pointersIn(repository, range, options)) {
    const source = storedAt(options.cwd, id);
    const left = join(target, largeFileName(id));
    if (!(await exists(source))) continue;
    some = true;
    if (!(await exists(left))) await copyWhole(source, left);
  }
  return some;
}

/** Takes over the files of Git LFS that a commit needs; each is what its pointer says. */
export async function takeLargeFiles(
  repository: TeamRepository,
  from: string,
  commit: string,
  into: GitOptions,
): Promise<void> {
  for (const { id, size } of await pointersIn(repository, [commit, `^${repository.base}`], into)) {
    const stored = storedAt(into.cwd, id);
    if (await exists(stored)) continue;
    await mkdir(dirname(stored), { recursive: true });
    const copied = await copyWhole(join(from, largeFileName(id)), stored, { id, size });
    if (copied !== undefined && copied !== 'absent') {
      throw new StepFailure(`The file ${id} of Git LFS cannot be used: ${copied}.`, EXIT.refused);
    }
  }
}

/** @returns why there is no copy. */
async function copyWhole(
  source: string,
  target: string,
  expected?: Pointer,
): Promise<string | undefined> {
  const directory = await mkdtemp(join(dirname(target), '.copy-'));
  try {
    const copy = join(directory, 'file');
    const copied = await copyUntrusted(source, copy, expected?.size ?? MOST_BYTES);
    if (typeof copied === 'string') return copied;
    if (expected !== undefined && copied.sha256 !== expected.id) return 'it is another file';
    await rename(copy, target);
    return undefined;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Where Git LFS keeps a file in a repository. */
function storedAt(repository: string, id: string): string {
  return join(repository, 'lfs', 'objects', id.slice(0, 2), id.slice(2, 4), id);
}

/** Files of Git LFS that a range of commits adds, and that are not in the base's storage. */
async function pointersIn(
  repository: TeamRepository,
  range: readonly string[],
  options: GitOptions,
): Promise<readonly Pointer[]> {
  const listed = await git(['rev-list', '--objects', '--no-object-names', ...range], options);
  const check = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const sizes = await git(['cat-file', check], { ...options, input: listed.stdout });
  const small = sizes.stdout.split('\n').flatMap((line) => {
    const [type, size, id] = line.split(' ');
    return type === 'blob' && Number(size) < MOST_POINTER_BYTES && id ? [id] : [];
  });
  const input = small.map((id) => `${id}\n`).join('');
  const { stdout } = await git(['cat-file', '--batch'], { ...options, input });
  const store = baseStoreOf(repository);
  const pointers: Pointer[] = [];
  for (const [, id = '', size] of stdout.matchAll(
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})$/gm,
  )) {
    if (Number(size) > MOST_BYTES || (await exists(storedAt(store, id)))) continue;
    pointers.push({ id, size: Number(size) });
  }
  return pointers;
}
