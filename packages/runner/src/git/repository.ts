import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  EXIT,
  LEAD,
  type LeftoverRules,
  type MemberSpec,
  ownRepositoryOf,
  PATHS,
  REPOSITORY,
  type RepositoryRef,
  type TeamRef,
  under,
} from '@agentteam/contract';
import { readUntrustedJson } from '@agentteam/volume';
import { StepFailure } from '../step/failure.ts';
import { DEFAULT_RULES } from './leftovers/ignore.ts';

/** A team's base, repositories and worktrees, as one process sees them. Paths are real ones. */
export interface TeamRepository {
  readonly ref: TeamRef;
  /** What {@link REPOSITORY} is in. A process sees as much of it as its pod mounts. */
  readonly directory: string;
  /** Every agent's hand-over, `<agent>/`, beside setup's own records. */
  readonly state: string;
  readonly strategy: RepositoryRef['worktreeStrategy'];
  /** Branch that the work started from, and the commit it was then. */
  readonly branch: string;
  readonly base: string;
  readonly resultBranch: string;
  /** What of an agent's uncommitted files is not committed for it. */
  readonly leftovers: LeftoverRules;
  /** Text of an agent's `config` as setup wrote it. */
  readonly config: string;
  /** Commits whose parents were left out of the clone; none: all history is there. */
  readonly shallow: readonly string[];
  readonly members: readonly MemberSpec[];
}

/**
 * What setup found, in the one directory that agents can read and not write: an agent that could
 * move the base could make its changes look as if they had always been there.
 */
export interface RepositoryRecord {
  /** Branch that the work started from. */
  readonly branch: string;
  readonly base: string;
  readonly config: string;
  readonly shallow: readonly string[];
}

/** In `PATHS.state`, beside the agents' own directories. No agent's name has a dot. */
export const RECORD_FILE = 'repository.json';

export interface RepositorySpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  readonly repository?: RepositoryRef;
}

/**
 * @param root value of `AGENTTEAM_ROOT`.
 * @param state where setup's record is; default: the place in an agent's pod.
 * @throws StepFailure where setup has made no repository.
 */
export async function openRepository(
  root: string,
  spec: RepositorySpec,
  state: string = under(root, PATHS.state),
): Promise<TeamRepository> {
  const { team, namespace, members, repository } = spec;
  const record = await readUntrustedJson(join(state, RECORD_FILE));
  if (repository === undefined || !isRecord(record)) {
    throw new StepFailure('This team has no repository that setup made.', EXIT.invalid);
  }
  const base = await realpath(under(root, `${PATHS.repository}/${REPOSITORY.base}`));
  return {
    ref: { team, namespace },
    directory: dirname(base),
    // On the embedded engine a mount point is a link.
    state: await realpath(state),
    strategy: repository.worktreeStrategy,
    branch: record.branch,
    base: record.base,
    resultBranch: repository.resultBranch,
    leftovers: repository.leftovers ?? DEFAULT_RULES,
    config: record.config,
    shallow: record.shallow,
    members,
  };
}

/** The clone that setup made. Nothing else writes to it. */
export function baseStoreOf({ directory }: Pick<TeamRepository, 'directory'>): string {
  return join(directory, REPOSITORY.base);
}

/** An agent's own repository: to everybody else it is not there. */
export function ownRepository({ directory }: TeamRepository, agent: string): string {
  return join(directory, ownRepositoryOf(agent));
}

/** Whether an agent's worktree is one that others write to as well. The lead's never is. */
export function sharesTree({ strategy }: TeamRepository, agent: string): boolean {
  return strategy === 'shared' && agent !== LEAD;
}

/** The worktree of an agent, as a real path. */
export function treeOf(repository: TeamRepository, agent: string): string {
  const tree = sharesTree(repository, agent) ? REPOSITORY.sharedTree : agent;
  return join(repository.directory, REPOSITORY.trees, tree);
}

/** Everybody but the lead. */
export function teammatesOf({ members }: Pick<TeamRepository, 'members'>): readonly MemberSpec[] {
  return members.filter(({ role }) => role === 'teammate');
}

/** All that an agent depends on, and what these depend on: their work is part of the others'. */
export function dependenciesOf(
  { members }: Pick<TeamRepository, 'members'>,
  agent: string,
): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const other of members.find((member) => member.name === name)?.dependsOn ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(agent);
  return found;
}

function isRecord(value: unknown): value is RepositoryRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'branch' in value &&
    typeof value.branch === 'string' &&
    'base' in value &&
    typeof value.base === 'string' &&
    /^[0-9a-f]{40,64}$/.test(value.base) &&
    'config' in value &&
    typeof value.config === 'string' &&
    'shallow' in value &&
    Array.isArray(value.shallow)
  );
}
