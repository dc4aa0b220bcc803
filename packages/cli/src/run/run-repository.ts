import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';
import { inspectRepository } from './inputs/inspect-repository.ts';
import { isRepository, makeRepository } from './inputs/local-repository.ts';
import { requireBranch } from './inputs/require-branch.ts';

export interface RepositorySources {
  /** From `--repository`: a directory or a URL. */
  readonly given?: string;
  readonly cwd: string;
  readonly teamFile: string;
  readonly runDirectory: string;
  readonly rehearsal: boolean;
  readonly env: Context['env'];
}

/** Directory beside the team file that a rehearsal uses by default. */
const BESIDE = 'repository';
/** A URL without its scheme: `github.com/acme/backend`. */
const HOST_AND_PATH = /^[a-z0-9-]+(\.[a-z0-9-]+)+\/[^/]/i;

/**
 * Determines the URL that a run clones from and pushes to.
 *
 * A rehearsal gets its own copy of a local repository, so that it never pushes to a real one. Only a URL
 * from `--repository` is used as it is.
 * @returns no `url` for a team without a repository.
 * @throws Failure when the repository does not exist, is not a git repository, or the team has no repository.
 */
export async function runRepository(
  team: AgentTeam,
  sources: RepositorySources,
): Promise<{ readonly url?: string; readonly notes: readonly string[] }> {
  const { repository } = team.spec;
  const { given, cwd, teamFile, runDirectory, rehearsal } = sources;
  if (repository === undefined) {
    if (given === undefined) return { notes: [] };
    throw usageError('--repository needs a team with spec.repository');
  }
  const named = given ?? repository.url;
  const local = isAddress(named)
    ? undefined
    : resolve(given === undefined ? dirname(teamFile) : cwd, named);
  if (local !== undefined && !(await isDirectory(local))) {
    throw usageError(
      `the repository ${named} does not exist: there is no directory ${local}`,
      HOST_AND_PATH.test(named)
        ? `For a repository on a server, write https://${named}`
        : undefined,
    );
  }
  const inspected = async (directory: string | undefined) => {
    if (directory === undefined || !(await isRepository(directory))) return [];
    const notes = await inspectRepository(directory, sources.env);
    await requireBranch(directory, repository.branch, sources.env);
    return notes;
  };
  if (!rehearsal) {
    if (local !== undefined && !(await isRepository(local))) {
      throw usageError(
        `${local} is not a git repository`,
        'Give the directory of a clone, or the URL of a repository.',
      );
    }
    return { url: local ?? named, notes: await inspected(local) };
  }
  if (given !== undefined && local === undefined) return { url: given, notes: [] };
  const beside = join(dirname(teamFile), BESIDE);
  const source = local ?? ((await isDirectory(beside)) ? beside : undefined);
  const left = await inspected(source);
  const target = join(runDirectory, 'remote', projectOf(repository.url));
  const url = await makeRepository(source, target, repository.branch ?? 'main');
  const notes =
    source === undefined
      ? [
          'Repository: using an empty stand-in; use --repository DIR to rehearse on a copy of a real one',
        ]
      : local === undefined || (await isRepository(local))
        ? left
        : [`Repository: ${local} is not a git repository; the rehearsal uses a copy of its files`];
  return { url, notes };
}

/** Whether the text is a URL or `git@host:path`, not a path on this machine. */
function isAddress(text: string): boolean {
  return !text.startsWith('file:') && /^([a-z][a-z0-9+.-]*:\/\/|[^/\s]+@?[^/\s]*:)/i.test(text);
}

/** The name of a project in the rehearsed hosting service: `acme/backend`. */
function projectOf(url: string): string {
  const [, owner, name] =
    /([A-Za-z0-9][A-Za-z0-9-]*)\/([A-Za-z0-9_-][\w.-]*?)(?:\.git)?\/?$/.exec(url) ?? [];
  return owner === undefined || name === undefined ? 'local/repository' : `${owner}/${name}`;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
