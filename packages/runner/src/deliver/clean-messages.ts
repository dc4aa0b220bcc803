import { LEAD } from '@agentteam/contract';
import { cleanCommitMessage, visible } from '@agentteam/text';
import { authorOf, trailerLines } from '../git/identity.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { parseCommit, type RawCommit, rawText, readCommits } from './raw-commits.ts';

export interface CleanHistory {
  /** The commit to push: the one that was given, unless something had to change. */
  readonly commit: string;
  /** How many commits have another message or author's name than the agents gave them. */
  readonly rewritten: number;
}

/**
 * Makes the messages of a team's commits such as may be pushed: a hosting service acts on what stands
 * in them, and agents write them. Trees, parents, authors, committers and dates stay. A commit in
 * which nothing has to change keeps its id, unless an ancestor has a new one. Commits that a branch
 * at the remote has are published, and stay. Run again, it comes to the same ids.
 * @param clean options of a call in a clean clone, which has the commit; its ref `result` follows.
 */
export async function cleanMessages(
  repository: TeamRepository,
  commit: string,
  access: RemoteAccess,
  clean: GitOptions,
): Promise<CleanHistory> {
  const ids = await unpublished(repository, commit, access, clean);
  const renamed = new Map<string, string>();
  let rewritten = 0;
  for (const [id, raw] of await readCommits(ids, clean)) {
    const given = parseCommit(raw);
    const wanted = cleaned(repository, given);
    if (wanted !== given) rewritten += 1;
    const parents = given.parents.map((parent) => renamed.get(parent) ?? parent);
    const sameParents = parents.every((parent, index) => parent === given.parents[index]);
    if (wanted === given && sameParents) continue;
    const input = rawText({ ...wanted, parents });
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin'];
    renamed.set(id, await gitLine(args, { ...clean, input }));
  }
  const result = renamed.get(commit) ?? commit;
  if (result !== commit) await git(['update-ref', 'refs/heads/result', result], clean);
  return { commit: result, rewritten };
}

/** Ids of the team's commits, ancestors first, without those that a branch at the remote has. */
async function unpublished(
  { base }: TeamRepository,
  commit: string,
  { remote, config, env }: RemoteAccess,
  clean: GitOptions,
): Promise<readonly string[]> {
  const list = async (...without: readonly string[]) => {
    const input = [commit, ...[base, ...without].map((id) => `^${id}`), ''].join('\n');
    const args = ['rev-list', '--topo-order', '--reverse', '--stdin'];
    const found = await gitLine(args, { ...clean, input });
    return found === '' ? [] : found.split('\n');
  };
  const all = await list();
  try {
    const args = ['ls-remote', '--heads', '--', remote.url];
    const heads = await gitLine(args, { ...clean, config, env });
    const published = new Set(heads.split('\n').map((line) => line.split('\t')[0] ?? ''));
    const here = all.filter((id) => published.has(id));
    return here.length === 0 ? all : await list(...here);
  } catch (error) {
    throw explainRemoteError(error, remote);
  }
}

/** @returns the very commit that was given, where nothing has to change. */
function cleaned(repository: TeamRepository, given: RawCommit): RawCommit {
  const message = cleanCommitMessage(given.message, trailersOf(repository, given));
  const author = visible(given.author);
  const committer = visible(given.committer);
  const same =
    message === given.message &&
    author === given.author &&
    committer === given.committer &&
    given.isPlain;
  return same ? given : { ...given, message, author, committer };
}

/** What is true of a commit: it is by its author, or brings in the work that the lead merged. */
function trailersOf(
  { ref, members }: TeamRepository,
  { author, message }: RawCommit,
): readonly string[] {
  const names = members.map(({ name }) => name);
  const by = authorOf(ref, author);
  const merged = names.find((name) =>
    message.trimEnd().endsWith(trailerLines(ref, name).join('\n')),
  );
  const agent = by === LEAD ? (merged ?? by) : by;
  return trailerLines(
    ref,
    names.find((name) => name === agent),
  );
}
