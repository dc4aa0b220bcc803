/**
 * What an agent's runner does with git, in this order:
 *
 *     const repository = await openRepository(root, spec);
 *     const { conflicting } = await prepareWorktree(repository, agent, signal);
 *     await runSetupCommand({ worktree: treeOf(repository, agent), command, cache, marker, env, signal });
 *     const variables = await prepareAgentGit(hooksDirectory, spec, agent);   // claude's environment
 *     …the session…
 *     await commitLeftovers(repository, agent, subjectOfItsTask, signal);
 *     const violations = await scopeViolations(repository, agent, signal);    // [] : fine
 *
 * and the lead's, when all have ended:
 *
 *     await consolidateWithLead(repository, sessionDirectory, ask, signal);
 *
 * No call reads configuration of the user or system, runs a hook, or asks anything; where another
 * pod's git holds a lock, it waits. Scopes are those of the spec's members.
 */
export { prepareAgentGit } from './agent-git.ts';
export { agentBranch, authorEmail, TRAILERS } from './identity.ts';
export type { ConflictingWork, Inherited } from './inherited.ts';
export { concludeMerge } from './merge/conclude.ts';
export { type ConflictFile, describeConflict, type MergeConflict } from './merge/conflict.ts';
export { type Consolidation, consolidate } from './merge/consolidate.ts';
export { PROGRESS_FILE, readProgress } from './merge/progress.ts';
export { consolidateWithLead } from './merge/with-lead.ts';
export { openRepository, type TeamRepository, treeOf } from './repository.ts';
export { scopeViolations } from './scope/own-changes.ts';
export { inScope } from './scope/rules.ts';
export { describeViolations, type ScopeViolation } from './scope/violations.ts';
export { commitLeftovers } from './worktree/leftovers.ts';
export { prepareWorktree } from './worktree/prepare.ts';
export { cacheEnvironment, runSetupCommand, type SetupCommand } from './worktree/setup-command.ts';
