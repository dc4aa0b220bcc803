import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { changesBetween } from './changes.ts';
import type { ScopeViolation } from './violations.ts';

/** Whether a path is, or is below, a file that the team places in worktrees. */
export function isPlaced({ placed }: Pick<TeamRepository, 'placed'>, path: string): boolean {
  return placed.some((file) => path === file || path.startsWith(`${file}/`));
}

/**
 * Finds the placed files that some commit of a range adds. One that a later commit removes counts too: it would
 * be in the history that is delivered.
 * @param start the commit before the range.
 * @param options git options for a repository that has both commits.
 */
export async function placedChanges(
  repository: TeamRepository,
  start: string,
  commit: string,
  options: GitOptions,
): Promise<readonly ScopeViolation[]> {
  const { placed } = repository;
  if (placed.length === 0) return [];
  const changes = await changesBetween(start, commit, options);
  const found = new Set(
    changes.map(({ path }) => path).filter((path) => isPlaced(repository, path)),
  );
  const env = { ...options.env, GIT_LITERAL_PATHSPECS: '1' };
  for (const path of placed) {
    // Without --full-history git skips side branches that end as they began.
    const list = ['log', '--full-history', '--max-count=1', '--format=%H'];
    const args = [...list, commit, `^${start}`, '--', path];
    if ((await git(args, { ...options, env })).stdout.trim() !== '') found.add(path);
  }
  const reason = `the team places this file in worktrees (environment.files), and no commit may contain it; make the commits again without it: git reset --soft ${start}, git restore --staged <file>, git commit`;
  return [...found].map((path) => ({ path, reason }));
}
