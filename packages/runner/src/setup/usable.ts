import { EXIT } from '@agentteam/contract';
import { agentBranch } from '../git/identity.ts';
import { inBase } from '../git/places.ts';
import { parseRemoteUrl } from '../git/remote/url.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitFields } from '../git/run.ts';
import { isGitPath } from '../git/scope/rules.ts';
import { StepFailure } from '../step/failure.ts';

/**
 * Sees whether a team can work on what was cloned.
 * @param url that it was cloned from.
 * @throws StepFailure that names what is in the way.
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

/** Agents have branches of their own, below a name of the team's. */
function checkBranchName({ branch, ref, members }: TeamRepository): void {
  const own = members.map(({ name }) => agentBranch(ref.team, name));
  const clash = own.find((name) => name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`));
  if (clash === undefined) return;
  const words = `The repository's branch ${branch} cannot stand beside the agents' own branches, such as ${clash}: rename it, or set repository.branch to another one.`;
  throw new StepFailure(words, EXIT.invalid);
}

const MOST_SHOWN = 5;

async function checkPaths(base: string, options: GitOptions): Promise<void> {
  const paths = await gitFields(['ls-tree', '-r', '-z', '--name-only', base], options);
  const unusable = paths.filter(isGitPath);
  if (unusable.length === 0) return;
  const shown = unusable.slice(0, MOST_SHOWN).map((path) => JSON.stringify(path));
  const more = unusable.length > MOST_SHOWN ? ` and ${unusable.length - MOST_SHOWN} more` : '';
  throw new StepFailure(
    `The repository has paths that some systems read as others, or as git's own, so agents cannot be given them: ${shown.join(', ')}${more}. Rename them (a backslash is the usual cause) and start again.`,
    EXIT.invalid,
  );
}

/** A submodule at a path of this machine could be any repository of its user's. */
async function checkSubmodules(base: string, url: string, options: GitOptions): Promise<void> {
  const list = [
    'config',
    '--blob',
    `${base}:.gitmodules`,
    '--get-regexp',
    '^submodule\\..*\\.url$',
  ];
  const { stdout } = await git(list, { ...options, accept: [0, 1, 128] });
  const isLocal = parseRemoteUrl(url).kind === 'local';
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [, name = '', address = ''] = /^submodule\.(.*)\.url (.*)$/.exec(line) ?? [];
    const isRelative = /^\.\.?\//.test(address);
    if (!(isRelative ? isLocal : /^(\/|file:)/.test(address))) continue;
    throw new StepFailure(
      `The submodule ${name} is at ${address}, a path of this machine, which is not followed: give it an address that every clone can reach (git submodule set-url), or remove it.`,
      EXIT.invalid,
    );
  }
}
