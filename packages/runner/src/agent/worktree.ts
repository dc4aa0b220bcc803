import { join } from 'node:path';
import { type AgentSpec, EXIT, LEAD } from '@agentteam/contract';
import type { CommandVariables } from '../environment/variables.ts';
import { prepareAgentGit } from '../git/agent-git.ts';
import { handOver } from '../git/handover/hand-over.ts';
import { takeWork } from '../git/handover/take.ts';
import { inheritedBy } from '../git/inherited.ts';
import { findSuspicious } from '../git/leftovers/committed.ts';
import { describeLeftOut } from '../git/leftovers/left-out.ts';
import { describeMarked, markedFiles } from '../git/merge/markers.ts';
import { consolidateWithLead } from '../git/merge/with-lead.ts';
import { inOwn } from '../git/options.ts';
import { discardOwnRepository } from '../git/own-repository.ts';
import { openRepository, sharesTree, treeOf } from '../git/repository.ts';
import { scopeViolations } from '../git/scope/own-changes.ts';
import { describeViolations, forbiddenChanges } from '../git/scope/violations.ts';
import {
  type CommittedWork,
  commitLeftovers,
  commitUnfinished,
} from '../git/worktree/commit-leftovers.ts';
import { placeFiles } from '../git/worktree/place-files.ts';
import { prepareWorktree } from '../git/worktree/prepare.ts';
import { cacheEnvironment, runSetupCommand } from '../git/worktree/setup-command.ts';
import { changesOutsideScope, suspiciousFiles, unresolvedFiles } from '../prompts/commits.ts';
import type { ConflictingWork } from '../prompts/conflicts.ts';
import { StepFailure } from '../step/failure.ts';
import { networkEnvironment } from '../step/gateway-access.ts';
import { type AgentDirectories, inHome } from './directories.ts';

/** An agent's worktree during its step. */
export interface Worktree {
  readonly directory: string;
  /** Work of dependencies that is missing from the worktree; the agent has to know. */
  readonly conflicting: readonly ConflictingWork[];
  /** For the agent's process: the author of its commits, and settings of git. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Commits what is left and checks the scope. @param ask gives the agent one turn to correct its commits.
   * @throws StepFailure with `EXIT.scope` if changes outside the scope remain.
   */
  readonly conclude: (subject: string, ask: (message: string) => Promise<void>) => Promise<void>;
  /** For the lead: fetches what a teammate handed over, so that the lead can look at it. */
  readonly takeOver: (teammate: string) => Promise<void>;
  /** For the lead: merges all work in its worktree. */
  readonly consolidate: (ask: (message: string) => Promise<void>) => Promise<void>;
  /**
   * Puts the work where others can read it: the result of `conclude` or `consolidate`, otherwise the
   * worktree as it is.
   */
  readonly handOver: (signal: AbortSignal) => Promise<void>;
  /** A sentence about files that were not committed; `undefined` if there are none. */
  readonly notCommitted: () => string | undefined;
  /** What `conclude` found that people should know about the commits, as the end of a sentence about the agent. */
  readonly remark: () => string | undefined;
  /** Deletes the agent's own repository; everything in it was handed over. */
  readonly discard: () => Promise<void>;
}

/** The environment of the runner, and the variables of the agent's commands. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly variables: CommandVariables;
}

/** @returns undefined in Cowork mode. */
export async function openWorktree(
  root: string,
  spec: AgentSpec,
  directories: AgentDirectories,
  { env, variables }: Surroundings,
  signal: AbortSignal,
): Promise<Worktree | undefined> {
  if (spec.repository === undefined) return undefined;
  const { name } = spec;
  const members = spec.members.map((member) =>
    member.name === name && spec.scope ? { ...member, scope: spec.scope } : member,
  );
  const repository = await openRepository(root, { ...spec, members }, directories.state);
  const { conflicting, tips } = await prepareWorktree(repository, name, signal);
  const directory = treeOf(repository, name);
  const isShared = sharesTree(repository, name);
  await placeFiles(root, repository, name, spec.files ?? [], signal);
  await runSetupCommand({
    worktree: directory,
    command: spec.repository.setupCommand,
    // Agents that share a tree also share the marker.
    marker: join(isShared ? directories.cache : directories.session, 'set-up'),
    env: {
      ...variables.image,
      PATH: env['PATH'] ?? '',
      HOME: directories.home,
      ...networkEnvironment(env),
      ...cacheEnvironment(directories.cache),
      ...variables.own,
    },
    signal,
  });
  let settled: (CommittedWork & { readonly merged: boolean }) | undefined;
  /** Files of its commits that have conflict markers. */
  let marked: readonly string[] = [];
  const git = await prepareAgentGit(inHome(directories, 'git-hooks'), repository, name);
  /** Commits what is left, and examines the agent's commits. */
  const commit = async (subject: string) => {
    const options = inOwn(repository, name, signal);
    const work = await commitLeftovers(repository, name, subject, signal);
    settled = { ...work, merged: false };
    const start = (await inheritedBy(repository, name, tips, options)).commit;
    marked = await markedFiles(start, work.commit, options);
    const outside = await scopeViolations(repository, name, work.commit, tips, options);
    return { start, commit: work.commit, outside };
  };
  /** Messages about files that the agent has committed, perhaps by mistake. */
  const describeSuspicious = async (start: string, end: string): Promise<readonly string[]> => {
    const options = inOwn(repository, name, signal);
    const { secrets, files } = await findSuspicious(repository, start, end, options);
    const found = [...secrets.map(({ description }) => description), ...files];
    return [
      ...(found.length === 0 ? [] : [suspiciousFiles(found, start)]),
      ...(marked.length === 0 ? [] : [unresolvedFiles(marked)]),
    ];
  };
  return {
    directory,
    conflicting,
    env: { ...git, ...cacheEnvironment(directories.cache) },
    conclude: async (subject, ask) => {
      const first = await commit(subject);
      const questions = [
        ...(first.outside.length === 0
          ? []
          : [changesOutsideScope(describeViolations(first.outside), isShared)]),
        ...(await describeSuspicious(first.start, first.commit)),
      ];
      if (questions.length === 0) return;
      await ask(questions.join('\n\n'));
      const { outside } = await commit(subject);
      if (outside.length === 0) return;
      throw new StepFailure(forbiddenChanges(name, outside), EXIT.scope);
    },
    takeOver: async (teammate) => {
      await takeWork(repository, teammate, inOwn(repository, LEAD, signal));
    },
    consolidate: async (ask) => {
      settled = undefined;
      const work = await consolidateWithLead(repository, directories.session, ask, signal);
      settled = { ...work, merged: true };
    },
    handOver: async (until) => {
      settled ??= { ...(await commitUnfinished(repository, name, until)), merged: false };
      const { commit, merged } = settled;
      await handOver(repository, name, directories.ownState, { commit, merged }, until);
    },
    notCommitted: () =>
      settled === undefined || settled.leftOut.length === 0
        ? undefined
        : describeLeftOut(name, settled.leftOut),
    remark: () => (marked.length === 0 ? undefined : describeMarked(marked)),
    discard: () => discardOwnRepository(repository, name),
  };
}
