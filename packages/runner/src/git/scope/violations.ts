import type { Scope } from '@agentteam/contract';
import { type GitOptions, git } from '../run.ts';
import { type Change, MODES } from './changes.ts';
import { inScope, isGitPath, staysInTree } from './rules.ts';

export interface ScopeViolation {
  readonly path: string;
  /** For the agent that is to put it right, and for the log. */
  readonly reason: string;
}

const REASONS = {
  outside: 'outside of its scope',
  git: 'a path that git keeps for itself',
  link: 'a symbolic link that leads out of the repository',
  submodule: 'a submodule, which its scope does not let it change',
  embedded: 'a repository inside the repository: its files would be lost',
} as const;

/**
 * Which changes an agent was not allowed.
 * @param after commit or tree that the changes lead to.
 */
export async function violationsIn(
  changes: readonly Change[],
  after: string,
  scope: Scope | undefined,
  options: GitOptions,
): Promise<readonly ScopeViolation[]> {
  const violations: ScopeViolation[] = [];
  for (const change of changes) {
    const reason = await reasonAgainst(change, after, scope, options);
    if (reason !== undefined) violations.push({ path: change.path, reason });
  }
  return violations;
}

async function reasonAgainst(
  { path, oldMode, newMode, newId }: Change,
  after: string,
  scope: Scope | undefined,
  options: GitOptions,
): Promise<string | undefined> {
  if (isGitPath(path)) return REASONS.git;
  if (!inScope(path, scope)) return REASONS.outside;
  if (newMode === MODES.symlink) {
    const target = (await git(['cat-file', 'blob', newId], options)).stdout;
    return staysInTree(path, target) ? undefined : REASONS.link;
  }
  if (oldMode !== MODES.submodule && newMode !== MODES.submodule) return undefined;
  if (newMode === MODES.submodule && !(await isDeclaredSubmodule(path, after, options))) {
    return REASONS.embedded;
  }
  return scope === undefined ? undefined : REASONS.submodule;
}

async function isDeclaredSubmodule(path: string, after: string, options: GitOptions) {
  const args = [
    'config',
    '--blob',
    `${after}:.gitmodules`,
    '--get-regexp',
    '^submodule\\..*\\.path$',
  ];
  const { stdout } = await git(args, { ...options, accept: [0, 1, 128] });
  return stdout.split('\n').some((line) => line.slice(line.indexOf(' ') + 1) === path);
}

/** For the agent, which gets one chance to put it right. */
export function describeViolations(violations: readonly ScopeViolation[]): string {
  const shown = violations
    .slice(0, 50)
    .map(({ path, reason }) => `- ${JSON.stringify(path)}: ${reason}`);
  const more = violations.length > 50 ? [`- and ${violations.length - 50} more`] : [];
  return [...shown, ...more].join('\n');
}
