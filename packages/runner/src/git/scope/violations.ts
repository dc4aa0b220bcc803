import type { Scope } from '@agentteam/contract';
import { isGitPath } from '@agentteam/volume';
import { type GitOptions, git } from '../run.ts';
import { type Change, MODES } from './changes.ts';
import { inScope, staysInTree } from './rules.ts';

/** A change that an agent was not allowed to make. */
export interface ScopeViolation {
  readonly path: string;
  /** For the agent that must undo the change, and for the log. */
  readonly reason: string;
}

const REASONS = {
  outside: 'outside its scope',
  git: 'a path that git reserves',
  link: 'a symbolic link that leads out of the repository',
  submodule: 'a submodule, and its scope allows no changes to submodules',
  embedded: 'a repository inside the repository; git would not store its files',
} as const;

/**
 * Finds the changes that an agent was not allowed to make.
 * @param after commit or tree with the changes.
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

/** The message of a step that fails because an agent made such changes. */
export function forbiddenChanges(agent: string, violations: readonly ScopeViolation[]): string {
  return `${agent} made changes that it is not allowed to make:\n${describeViolations(violations)}`;
}

/** One line for each path. */
export function describeViolations(violations: readonly ScopeViolation[]): string {
  const shown = violations
    .slice(0, 50)
    .map(({ path, reason }) => `- ${JSON.stringify(path)}: ${reason}`);
  const more = violations.length > 50 ? [`- and ${violations.length - 50} more`] : [];
  return [...shown, ...more].join('\n');
}
