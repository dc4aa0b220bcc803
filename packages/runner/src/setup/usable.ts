import { EXIT } from '@agentteam/contract';
import { isGitPath } from '@agentteam/volume';
import { agentBranch } from '../git/branches.ts';
import { inBase } from '../git/options.ts';
import { parseRemoteUrl } from '../git/remote/url.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, gitFields } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

/**
 * Checks that a team can work on the clone.
 * @param url the URL that was cloned.
 * @throws StepFailure that names the problem.
 */
export async function checkUsable(
  repository: TeamRepository,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const options = inBase(repository, signal);
  checkBranchName(repository);
  await checkPaths(repository.base, options);
  await checkSubmodules(repository.base, url, options);
}

/** Agents' branches are below `agents/<team>/`. */
function checkBranchName({ branch, ref, members }: TeamRepository): void {
  const own = members.map(({ name }) => agentBranch(ref.team, name));
  const clash = own.find((name) => name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`));
  if (clash === undefined) return;
  const message = `git cannot store the repository's branch ${branch} beside the agents' branches, such as ${clash}: rename it, or set repository.branch to another branch.`;
  throw new StepFailure(message, EXIT.invalid);
}

const MAX_SHOWN = 5;

async function checkPaths(base: string, options: GitOptions): Promise<void> {
  const paths = await gitFields(['ls-tree', '-r', '-z', '--name-only', base], options);
  const unusable = paths.filter(isGitPath);
  if (unusable.length === 0) return;
  const shown = unusable.slice(0, MAX_SHOWN).map((path) => JSON.stringify(path));
  const more = unusable.length > MAX_SHOWN ? ` and ${unusable.length - MAX_SHOWN} more` : '';
  throw new StepFailure(
    `The repository has paths that some file systems would read as different paths, or as git's own files: ${shown.join(', ')}${more}. Rename them (a backslash is the usual cause), and start again.`,
    EXIT.invalid,
  );
}

/**
 * Refuses submodules with a local path, which could be any repository of this machine's user, and those that only a
 * key for another host could fetch.
 */
async function checkSubmodules(base: string, url: string, options: GitOptions): Promise<void> {
  const source = ['config', '--blob', `${base}:.gitmodules`, '-z'];
  const list = [...source, '--get-regexp', '^submodule\\..*\\.url$'];
  const remote = parseRemoteUrl(url);
  for (const field of await gitFields(list, { ...options, accept: [0, 1, 128] })) {
    const [, name = '', address = ''] = /^submodule\.(.*)\.url\n(.*)$/s.exec(field) ?? [];
    const isRelative = /^\.\.?\//.test(address);
    if (isRelative ? remote.kind === 'local' : /^(\/|file:)/.test(address)) {
      throw new StepFailure(
        `The submodule ${name} has the local path ${address}, which is not allowed: give it a URL that every clone can reach (git submodule set-url), or remove it.`,
        EXIT.invalid,
      );
    }
    const host = sshHostOf(address);
    if (isRelative || host === undefined) continue;
    if (remote.kind === 'ssh' && remote.host === host) continue;
    throw new StepFailure(
      `The submodule ${name} has the SSH URL ${address}, and there is a key for the repository's own URL only: give it an https URL (git submodule set-url), or remove it.`,
      EXIT.invalid,
    );
  }
}

function sshHostOf(address: string): string | undefined {
  try {
    const remote = parseRemoteUrl(address);
    return remote.kind === 'ssh' ? remote.host : undefined;
  } catch {
    // git refuses what is not a URL.
    return undefined;
  }
}
