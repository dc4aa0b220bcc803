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

/**
 * A team's base, repositories and worktrees, as one process sees them. All paths are real paths.
 *
 * Each agent has its own repository, which only its own pod mounts. The agent's runner uses it in
 * this order: `prepareWorktree`, `placeFiles`, `runSetupCommand`, `prepareAgentGit`, the agent's session,
 * `commitLeftovers`, `scopeViolations`, `handOver`. The work leaves the pod as one file, and other
 * pods take it over as data (`takeWork`). When all teammates have ended, the lead's runner calls
 * `consolidateWithLead`. No call reads the configuration of the user or the system, runs a hook, or
 * prompts for input.
 */
export interface TeamRepository {
  readonly ref: TeamRef;
  /** Parent of the {@link REPOSITORY} directories. A process sees only those that its pod mounts. */
  readonly directory: string;
  /** The state directory: setup's records, and `<agent>/` with each agent's work. */
  readonly state: string;
  readonly strategy: RepositoryRef['worktreeStrategy'];
  /** Branch that the work started from. */
  readonly branch: string;
  /** Tip of that branch when the team started. */
  readonly base: string;
  readonly resultBranch: string;
  /** Rules for the files that agents leave uncommitted. */
  readonly leftovers: LeftoverRules;
  /** Paths of the files that are placed in worktrees. No commit may contain them. */
  readonly placed: readonly string[];
  /** Text of each agent's `config`, as setup wrote it. */
  readonly config: string;
  /** The result branch at the remote when the team started. Absent in the record of an earlier release. */
  readonly resultAtStart?: BranchTip;
  /** Commits whose parents are not in the clone. Empty when the clone has the whole history. */
  readonly shallow: readonly string[];
  readonly members: readonly MemberSpec[];
}

export interface BranchTip {
  readonly branch: string;
  /** Its commit; absent if there was no such branch. */
  readonly commit?: string;
}

/**
 * The facts that setup records, in a directory that agents can read but not write to. An agent that
 * could move the base could hide its own changes.
 */
export type RepositoryRecord = Pick<
  TeamRepository,
  'branch' | 'base' | 'config' | 'shallow' | 'resultAtStart'
>;

/** In `PATHS.state`, beside the agents' own directories. Agent names cannot contain a dot. */
export const RECORD_FILE = 'repository.json';

export interface RepositorySpec extends TeamRef {
  readonly members: readonly MemberSpec[];
  readonly repository?: RepositoryRef;
}

/**
 * @param root value of `AGENTTEAM_ROOT`.
 * @param state directory of setup's record; by default, its mount path in an agent's pod.
 * @throws StepFailure when setup has made no repository.
 */
export async function openRepository(
  root: string,
  spec: RepositorySpec,
  state: string = under(root, PATHS.state),
): Promise<TeamRepository> {
  const { team, namespace, members, repository } = spec;
  const record = await readUntrustedJson(join(state, RECORD_FILE));
  if (repository === undefined || !isRepositoryRecord(record)) {
    throw new StepFailure('Setup has not cloned a repository for this team.', EXIT.invalid);
  }
  const base = await realpath(under(root, `${PATHS.repository}/${REPOSITORY.base}`));
  return {
    ref: { team, namespace },
    directory: dirname(base),
    // On the embedded engine, mount points are links.
    state: await realpath(state),
    strategy: repository.worktreeStrategy,
    branch: record.branch,
    base: record.base,
    resultBranch: repository.resultBranch,
    leftovers: repository.leftovers ?? DEFAULT_RULES,
    placed: repository.placed ?? [],
    config: record.config,
    shallow: record.shallow,
    ...(record.resultAtStart !== undefined && { resultAtStart: record.resultAtStart }),
    members,
  };
}

/** The clone that setup makes. Nothing else writes to it. */
export function baseStoreOf({ directory }: Pick<TeamRepository, 'directory'>): string {
  return join(directory, REPOSITORY.base);
}

/** An agent's own repository. Only the agent's pod mounts it. */
export function ownRepository({ directory }: TeamRepository, agent: string): string {
  return join(directory, ownRepositoryOf(agent));
}

/** Whether an agent shares its worktree with other agents. The lead never does. */
export function sharesTree({ strategy }: TeamRepository, agent: string): boolean {
  return strategy === 'shared' && agent !== LEAD;
}

/** Real path of an agent's worktree. */
export function treeOf(repository: TeamRepository, agent: string): string {
  const tree = sharesTree(repository, agent) ? REPOSITORY.sharedTree : agent;
  return join(repository.directory, REPOSITORY.trees, tree);
}

export function teammatesOf({ members }: Pick<TeamRepository, 'members'>): readonly MemberSpec[] {
  return members.filter(({ role }) => role === 'teammate');
}

/** The agents that an agent depends on, directly or not. */
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

function isRepositoryRecord(value: unknown): value is RepositoryRecord {
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
