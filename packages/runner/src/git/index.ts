/**
 * What an agent's runner does with git, in this order:
 *
 *     const repository = await openRepository(root, spec);
 *     const { conflicting, tips } = await prepareWorktree(repository, agent, signal);
 *     await runSetupCommand({ worktree: treeOf(repository, agent), command, cache, marker, env, signal });
 *     const variables = await prepareAgentGit(hooksDirectory, repository, agent);   // claude's environment
 *     …the session…
 *     const { commit, leftOut } = await commitLeftovers(repository, agent, subjectOfItsTask, signal);
 *     const violations = await scopeViolations(repository, agent, commit, tips, options);    // [] : fine
 *     await handOver(repository, agent, ownState, { commit, merged: false }, signal);
 *
 * and the lead's, when all have ended:
 *
 *     await consolidateWithLead(repository, sessionDirectory, ask, signal);
 *
 * An agent's repository is in its own pod alone. Its work leaves as one file, which others take over
 * as data (`takeWork`). No call reads configuration of the user or system, runs a hook, or asks
 * anything. Scopes are those of the spec's members.
 */
export { prepareAgentGit } from './agent-git.ts';
export { handOver } from './handover/hand-over.ts';
export { type Tips, takeTeam, takeWork } from './handover/take.ts';
export { agentBranch, authorEmail, TRAILERS } from './identity.ts';
export { type ConflictingWork, type Inherited, inheritedBy } from './inherited.ts';
export { findSuspicious } from './leftovers/committed.ts';
export { describeLeftOut, type LeftOut } from './leftovers/left-out.ts';
export { concludeMerge } from './merge/conclude.ts';
export { type ConflictFile, describeConflict, type MergeConflict } from './merge/conflict.ts';
export { type Consolidation, consolidate } from './merge/consolidate.ts';
export { PROGRESS_FILE, readProgress } from './merge/progress.ts';
export { consolidateWithLead } from './merge/with-lead.ts';
export { discardOwnRepository } from './own-repository.ts';
export { inOwn } from './places.ts';
export { openRepository, sharesTree, type TeamRepository, treeOf } from './repository.ts';
export { scopeViolations } from './scope/own-changes.ts';
export { inScope } from './scope/rules.ts';
export { describeViolations, type ScopeViolation } from './scope/violations.ts';
export { type CommittedWork, commitLeftovers, commitUnfinished } from './worktree/leftovers.ts';
export { type Prepared, prepareWorktree } from './worktree/prepare.ts';
export { cacheEnvironment, runSetupCommand, type SetupCommand } from './worktree/setup-command.ts';
