import { LEAD } from '@agentteam/contract';
import type { ConflictFile, OpenMerge } from '../../prompts/conflicts.ts';
import { inTree } from '../options.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git, gitFields, gitLine } from '../run.ts';

/** A merge that is in progress in the lead's worktree. */
export interface MergeConflict extends OpenMerge {
  /** Tip of the branch that is being merged. */
  readonly commit: string;
}

const STAGES = { '1': 'base', '2': 'ours', '3': 'theirs' } as const;
const UNMERGED = /^[0-7]{6} ([0-9a-f]+) ([123])\t([\s\S]+)$/;

/** Characters that are shown of one side. The lead has the whole file in its worktree. */
const MAX_TEXT = 12_000;

/** Reads the merge conflict in the lead's worktree. */
export async function readConflict(
  repository: TeamRepository,
  agent: string,
  branch: string,
  commit: string,
  signal: AbortSignal,
): Promise<MergeConflict> {
  const options = inTree(repository, LEAD, signal);
  const sides = new Map<string, Partial<Record<'base' | 'ours' | 'theirs', string>>>();
  for (const entry of await gitFields(['ls-files', '--unmerged', '-z'], options)) {
    const [, id = '', stage, path = ''] = UNMERGED.exec(entry) ?? [];
    if (stage !== '1' && stage !== '2' && stage !== '3') continue;
    const text = await blobText(id, options);
    sides.set(path, { ...sides.get(path), [STAGES[stage]]: text });
  }
  const files: ConflictFile[] = [];
  for (const [path, texts] of sides) {
    files.push({ path, ...texts, changedBy: await authorsOf(path, repository, options) });
  }
  return { agent, branch, commit, files };
}

async function blobText(id: string, options: GitOptions): Promise<string> {
  // The entry of a submodule names a commit of another repository.
  const { stdout, exitCode } = await git(['cat-file', 'blob', id], {
    ...options,
    accept: [0, 128],
  });
  if (exitCode !== 0) return `(commit ${id})`;
  if (stdout.includes('\0')) return '(binary)';
  return stdout.length > MAX_TEXT ? `${stdout.slice(0, MAX_TEXT)}\n… (cut)` : stdout;
}

async function authorsOf(path: string, { base }: TeamRepository, options: GitOptions) {
  const args = ['log', '--format=%an', '--no-merges', `${base}..HEAD`, '--', path];
  return [...new Set((await gitLine(args, options)).split('\n').filter((name) => name !== ''))];
}
