import { LEAD, type MemberSpec } from '@agentteam/contract';
import { inTree } from '../places.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git, gitFields, gitLine } from '../run.ts';

/** A file that both sides changed. A side that is absent deleted it, or never had it. */
export interface ConflictFile {
  readonly path: string;
  /** What both started from. */
  readonly base?: string;
  /** As it is on the result branch, with what was merged before. */
  readonly ours?: string;
  /** As the teammate has it. */
  readonly theirs?: string;
  /** Members who changed it before, by their commits. */
  readonly changedBy: readonly string[];
}

/** A merge that stands open in the lead's worktree. */
export interface MergeConflict {
  /** Whose branch is being merged. */
  readonly agent: string;
  readonly branch: string;
  /** The branch's commit. */
  readonly commit: string;
  readonly files: readonly ConflictFile[];
}

const STAGES = { '1': 'base', '2': 'ours', '3': 'theirs' } as const;
const UNMERGED = /^[0-7]{6} ([0-9a-f]+) ([123])\t([\s\S]+)$/;

/** Longest text of one side, in characters: the lead has the file itself in its worktree. */
const MOST_TEXT = 12_000;

/** Reads the conflict that the lead's worktree stands in. */
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
  // A submodule's entry is a commit of another repository.
  const { stdout, exitCode } = await git(['cat-file', 'blob', id], {
    ...options,
    accept: [0, 128],
  });
  if (exitCode !== 0) return `(commit ${id})`;
  if (stdout.includes('\0')) return '(binary)';
  return stdout.length > MOST_TEXT ? `${stdout.slice(0, MOST_TEXT)}\n… (cut)` : stdout;
}

async function authorsOf(path: string, { base }: TeamRepository, options: GitOptions) {
  const args = ['log', '--format=%an', '--no-merges', `${base}..HEAD`, '--', path];
  return [...new Set((await gitLine(args, options)).split('\n').filter((name) => name !== ''))];
}

/** For the lead: what conflicts, both sides, and what either side was after. */
export function describeConflict(
  { agent, branch, files }: MergeConflict,
  members: readonly MemberSpec[],
): string {
  const involved = new Set([agent, ...files.flatMap(({ changedBy }) => changedBy)]);
  const tasks = members
    .filter(({ name }) => involved.has(name))
    .map(({ name, prompt }) => `Task of ${name}:\n${quoted(prompt.trim())}`);
  return [
    `The work of ${agent} (${branch}) conflicts with what is merged already. The merge stands open in your worktree. Resolve each file below so that both tasks are done: edit it, leave no conflict markers, then end your turn. What you leave is committed for you; do not abort the merge.`,
    ...files.map(describeFile),
    ...tasks,
  ].join('\n\n');
}

function describeFile({ path, ours, theirs, base, changedBy }: ConflictFile): string {
  const before = changedBy.length === 0 ? 'merged before' : `by ${changedBy.join(', ')}`;
  return [
    `File ${JSON.stringify(path)}`,
    `Before both:\n${quoted(base ?? '(no such file)')}`,
    `On the result branch (${before}):\n${quoted(ours ?? '(deleted)')}`,
    `On the branch to be merged:\n${quoted(theirs ?? '(deleted)')}`,
  ].join('\n');
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
