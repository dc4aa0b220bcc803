import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, type GitSource } from '@agentteam/contract';
import { withRemoteAccess } from '../../git/remote/access.ts';
import { explainRemoteError } from '../../git/remote/explain.ts';
import { GitError, type GitOptions, git, gitFields, gitLine } from '../../git/run.ts';
import { LIMITED_MEMORY } from '../../git/trusted-config.ts';
import { StepFailure } from '../../step/failure.ts';
import { type Budget, MAX_ENTRIES, MAX_PATH, tooLarge, unpack } from './unpack.ts';

/** A commit in a repository of setup's own. */
export interface FetchedCommit {
  readonly commit: string;
  /** Copies the files below a directory of the commit. @param path '' for all files. */
  copy(path: string, target: string, budget: Budget): Promise<void>;
  /** The text of a file of the commit; `undefined` if there is none, or one with more bytes. */
  read(path: string, maxBytes: number): Promise<string | undefined>;
}

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * Fetches a commit or tag without checking it out: no hook, filter or attribute of the repository acts.
 * @param credentials directory with the mounted Secret of the source.
 * @param scratch an existing directory of this process alone.
 */
export async function withCommit<T>(
  source: GitSource,
  credentials: string,
  scratch: string,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
  work: (commit: FetchedCommit) => Promise<T>,
): Promise<T> {
  const store = await mkdtemp(join(scratch, 'git-'));
  const options: GitOptions = { cwd: store, signal };
  await git(['init', '--quiet', '--bare', '--template='], options);
  return withRemoteAccess(env, source.url, credentials, async (access) => {
    const { remote, config } = access;
    const fetch = (...refs: readonly string[]) =>
      git(['fetch', '--quiet', '--no-tags', ...refs], {
        ...options,
        config,
        env: { ...access.env, ...LIMITED_MEMORY },
      });
    try {
      const { ref } = source;
      if (COMMIT.test(ref)) await fetchCommit(ref, remote.url, fetch, options);
      else await fetch('--depth=1', '--', remote.url, `+refs/tags/${ref}:${FETCHED}`);
    } catch (error) {
      throw explain(error, source, () => explainRemoteError(error, remote));
    }
    const commit = await gitLine(['rev-parse', '--verify', `${FETCHED}^{commit}`], options);
    return work({
      commit,
      copy: (path, target, budget) => copy(commit, path, target, budget, options),
      read: (path, maxBytes) => read(commit, path, maxBytes, options),
    });
  });
}

const FETCHED = 'refs/agentteam/fetched';

type Fetch = (...args: readonly string[]) => Promise<unknown>;

/** Not every server gives out a commit by its id: then everything is fetched. */
async function fetchCommit(
  id: string,
  url: string,
  fetch: Fetch,
  options: GitOptions,
): Promise<void> {
  try {
    await fetch('--depth=1', '--', url, `+${id}:${FETCHED}`);
  } catch (error) {
    const isRefused =
      error instanceof GitError && /not our ref|unadvertised object/.test(error.stderr);
    if (!isRefused) throw error;
    await fetch('--', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*');
    await git(['update-ref', FETCHED, id], options);
  }
}

function explain(error: unknown, { url, ref }: GitSource, otherwise: () => unknown): unknown {
  const isMissing =
    error instanceof GitError &&
    /couldn't find remote ref|not our ref|not a valid SHA1|nonexistent object/.test(error.stderr);
  if (!isMissing) return otherwise();
  const what = COMMIT.test(ref) ? `no commit ${ref}` : `no tag ${ref}`;
  return new StepFailure(
    `${url} has ${what}; a ref is the full id of a commit, or a tag`,
    EXIT.invalid,
    error,
  );
}

async function copy(
  commit: string,
  path: string,
  target: string,
  budget: Budget,
  options: GitOptions,
): Promise<void> {
  const tree = `${commit}:${path.replace(/\/$/, '')}`;
  const kind = await git(['cat-file', '-t', tree], { ...options, accept: [0, 128] });
  if (kind.stdout.trim() !== 'tree') {
    throw new StepFailure(`the commit has no directory ${path}`, EXIT.invalid);
  }
  // Before anything is written to disk.
  const lines = await listing(tree, options);
  const bytes = lines.reduce((sum, line) => sum + Number(SIZE.exec(line)?.[1] ?? 0), 0);
  if (bytes > budget.bytes) throw new StepFailure(`it ${tooLarge(budget)}`, EXIT.invalid);
  const file = join(options.cwd, 'tree.tar');
  await mkdir(target, { recursive: true });
  await git(['archive', '--format=tar', `--output=${file}`, tree], options);
  await unpack(file, target, budget, options.signal);
}

/** `100644 blob <id>    <size>\t<path>` */
const SIZE = /^\S+ \S+ \S+ +([0-9]+)\t/;
/** Bytes of a list of as many entries as are unpacked, each with the longest path. */
const MAX_LISTING = MAX_ENTRIES * (MAX_PATH + 64);

/** The files of a tree. A few kilobytes of nested trees can describe any number of them. */
async function listing(tree: string, options: GitOptions): Promise<readonly string[]> {
  const list = ['ls-tree', '-r', '-z', '-l', tree];
  return gitFields(list, { ...options, mostOutput: MAX_LISTING }).catch((error: unknown) => {
    options.signal.throwIfAborted();
    if (!(error instanceof GitError) || !error.isTooLong) throw error;
    throw new StepFailure(`it has more than ${MAX_ENTRIES} files`, EXIT.invalid, error);
  });
}

async function read(
  commit: string,
  path: string,
  maxBytes: number,
  options: GitOptions,
): Promise<string | undefined> {
  const blob = `${commit}:${path}`;
  const size = await git(['cat-file', '-s', blob], { ...options, accept: [0, 128] });
  if (size.exitCode !== 0 || Number(size.stdout) > maxBytes) return undefined;
  return (await git(['cat-file', 'blob', blob], options)).stdout;
}
