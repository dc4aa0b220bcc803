import { LEAD } from '@agentteam/contract';
import { cleanCommitMessage, visible } from '@agentteam/text';
import { authorOf, trailerLines } from '../git/identity.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { parseCommit, type RawCommit, rawText, readCommits } from './raw-commits.ts';

export interface CleanHistory {
  /** The commit to push. It is the given one unless a message had to change. */
  readonly commit: string;
  /** Number of commits whose message or author name was changed. */
  readonly rewritten: number;
}

/**
 * Cleans the messages of a team's commits before they are pushed: agents write them, and hosting
 * services act on mentions, references and commands in them. Trees, authors, committers and dates do
 * not change. A commit keeps its id if neither it nor an ancestor has to change. Commits that a
 * branch at the remote already has are published, and stay as they are. Running this again gives the
 * same ids.
 * @param clean git options for a clean clone, which has the commit. Its branch `result` is moved to
 *   the cleaned commit.
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

/** Ids of the team's commits that no branch at the remote has, ancestors first. */
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

/** @returns the given object itself when nothing has to change. */
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

/** The trailers of a commit. Those of the lead's merge commits name the agent whose work was merged. */
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
