import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { MAX_POINTER_BYTES, type Pointer, readPointers, storedAt } from '../lfs-pointer.ts';
import { baseStoreOf, type TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { type CopyProblem, copyUntrusted } from './copy-file.ts';
import { largeFileName } from './record.ts';

/** The largest file that is taken over. GitHub's limit is lower. */
const MAX_BYTES = 8 * 1024 ** 3;

/** What is wrong with a large file that was handed over. */
const PROBLEMS = {
  'not-a-regular-file': 'it is not a regular file',
  'too-large': 'it is larger than its pointer says',
  'wrong-hash': 'its content does not match its pointer',
} as const;

/**
 * Copies the Git LFS files that a commit needs, and that neither the base nor other agents have, to
 * the hand-over directory.
 * @returns whether there are any.
 */
export async function handOverLargeFiles(
  repository: TeamRepository,
  target: string,
  range: readonly string[],
  options: GitOptions,
): Promise<boolean> {
  // Git LFS makes this directory when the agent adds its first such file.
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

/**
 * Takes over the Git LFS files that a commit needs.
 * @throws StepFailure with `EXIT.refused` when a file does not match its pointer.
 */
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
      const message = `The Git LFS file ${id} cannot be used: ${PROBLEMS[copied]}.`;
      throw new StepFailure(message, EXIT.refused);
    }
  }
}

/** @returns why there is no copy; `undefined` when there is one. */
async function copyWhole(
  source: string,
  target: string,
  expected?: Pointer,
): Promise<CopyProblem | 'wrong-hash' | undefined> {
  const directory = await mkdtemp(join(dirname(target), '.copy-'));
  try {
    const copy = join(directory, 'file');
    const copied = await copyUntrusted(source, copy, expected?.size ?? MAX_BYTES);
    if (typeof copied === 'string') return copied;
    if (expected !== undefined && copied.sha256 !== expected.id) return 'wrong-hash';
    await rename(copy, target);
    return undefined;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Git LFS files that a range of commits adds, and that the base's storage does not have. */
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
    return type === 'blob' && Number(size) < MAX_POINTER_BYTES && id ? [id] : [];
  });
  const input = small.map((id) => `${id}\n`).join('');
  const { stdout } = await git(['cat-file', '--batch'], { ...options, input });
  const store = baseStoreOf(repository);
  const pointers: Pointer[] = [];
  for (const { id, size } of readPointers(stdout)) {
    if (size > MAX_BYTES || (await exists(storedAt(store, id)))) continue;
    pointers.push({ id, size });
  }
  return pointers;
}
