import { execa } from 'execa';
import { readResultBranches } from './result-branches.ts';
import { RESULT_GIT } from './result-git.ts';
import type { DiffDetail } from './results-detail.ts';

/** Characters of a patch that are kept. */
const PATCH_CHARACTERS = 131_072; // 128 Ki
const MOST_FILES = 500;
const MOST_OUTPUT = 16_777_216; // 16 Mi

/**
 * Compares the branches of the repository that the last step creates with the branch that the work started
 * from. No agent can write to that repository. A branch that cannot be compared is left out.
 */
export async function resultDiffs(repository: string): Promise<readonly DiffDetail[]> {
  const branches = await readResultBranches(repository);
  if (branches?.base === undefined) return [];
  const { base, result, agents } = branches;
  const wanted = [
    ...(result === undefined ? [] : [{ branch: result }]),
    ...agents.map((branch) => ({ branch, agent: branch.slice(branch.lastIndexOf('/') + 1) })),
  ];
  const diffs: DiffDetail[] = [];
  for (const one of wanted) {
    const diff = await diffOf(repository, base, one).catch(() => undefined);
    if (diff !== undefined) diffs.push(diff);
  }
  return diffs;
}

async function diffOf(
  repository: string,
  base: string,
  { branch, agent }: { readonly branch: string; readonly agent?: string },
): Promise<DiffDetail> {
  const head = `refs/heads/${branch}`;
  const commits = await git(repository, ['rev-parse', `refs/heads/${base}`, head]);
  const [from = '', to = ''] = commits.split('\n');
  const compare = (...options: string[]): Promise<string> =>
    git(repository, [
      'diff',
      '--no-ext-diff',
      '--no-textconv',
      '--no-renames',
      // Otherwise the configuration could have git compare submodules, in each of which it would read another one.
      '--submodule=short',
      // Nor may it name a file to read, such as a pipe.
      '-O/dev/null',
      ...options,
      from,
      to,
    ]);
  const files = (await compare('--numstat', '-z')).split('\0').filter((line) => line !== '');
  const patch = await compare('--no-color');
  return {
    ...(agent !== undefined && { agent }),
    branch,
    base: from,
    head: to,
    files: files.slice(0, MOST_FILES).map(changeOf),
    patch: patch.length <= PATCH_CHARACTERS ? patch : `${patch.slice(0, PATCH_CHARACTERS)}\n…\n`,
  };
}

/** A line is `<added>\t<removed>\t<path>`, with `-` for a binary file. */
function changeOf(line: string): DiffDetail['files'][number] {
  const [added = '', removed = '', ...path] = line.split('\t');
  const isText = added !== '-';
  return {
    path: path.join('\t'),
    ...(isText && { added: Number(added), removed: Number(removed) }),
  };
}

async function git(repository: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', [`--git-dir=${repository}`, ...args], {
    env: RESULT_GIT,
    stdin: 'ignore',
    maxBuffer: MOST_OUTPUT,
  });
  return stdout;
}
