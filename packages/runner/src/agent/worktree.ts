import { join } from 'node:path';
import { type AgentSpec, EXIT } from '@agentteam/contract';
import {
  type ConflictingWork,
  cacheEnvironment,
  commitLeftovers,
  consolidateWithLead,
  describeViolations,
  openRepository,
  prepareAgentGit,
  prepareWorktree,
  runSetupCommand,
  scopeViolations,
  treeOf,
} from '../git/index.ts';
import { StepFailure } from '../step/failure.ts';
import { networkEnvironment } from '../step/own-network.ts';
import { inHome, type Places } from './places.ts';
import { putRight } from './prompts.ts';

/** An agent's worktree during its step. */
export interface Worktree {
  readonly directory: string;
  /** Work of dependencies that is not in it: the agent has to know. */
  readonly conflicting: readonly ConflictingWork[];
  /** For the agent's process: who commits, and how git behaves. */
  readonly env: Readonly<Record<string, string>>;
  /** Commits what is left and checks the scope; `ask` gives the agent one turn to put it right. */
  readonly conclude: (subject: string, ask: (message: string) => Promise<void>) => Promise<void>;
  /** For the lead: brings all branches together in its tree. */
  readonly consolidate: (ask: (message: string) => Promise<void>) => Promise<void>;
}

/** @returns undefined in Cowork mode. */
export async function openWorktree(
  root: string,
  spec: AgentSpec,
  places: Places,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Worktree | undefined> {
  if (spec.repository === undefined) return undefined;
  const members = spec.members.map((member) =>
    member.name === spec.name && spec.scope ? { ...member, scope: spec.scope } : member,
  );
  const repository = await openRepository(root, { ...spec, members });
  const { conflicting } = await prepareWorktree(repository, spec.name, signal);
  const directory = treeOf(repository, spec.name);
  const shared = spec.repository.worktreeStrategy === 'shared';
  await runSetupCommand({
    worktree: directory,
    command: spec.repository.setupCommand,
    cache: places.cache,
    // Those who share a tree share the word that it is done.
    marker: join(shared ? places.cache : places.session, 'set-up'),
    env: { PATH: env['PATH'] ?? '', HOME: places.home, ...networkEnvironment(env) },
    signal,
  });
  const git = await prepareAgentGit(inHome(places, 'git-hooks'), spec, spec.name);
  return {
    directory,
    conflicting,
    env: { ...git, ...cacheEnvironment(places.cache) },
    conclude: async (subject, ask) => {
      const check = async () => {
        await commitLeftovers(repository, spec.name, subject, signal);
        return scopeViolations(repository, spec.name, signal);
      };
      const first = await check();
      if (first.length === 0) return;
      await ask(putRight(describeViolations(first)));
      const second = await check();
      if (second.length === 0) return;
      const files = describeViolations(second);
      throw new StepFailure(`${spec.name} changed what it may not:\n${files}`, EXIT.scope);
    },
    consolidate: async (ask) => {
      await consolidateWithLead(repository, places.session, ask, signal);
    },
  };
}
