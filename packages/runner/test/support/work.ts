import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentReport, LEAD } from '@agentteam/contract';
import { writeAgentState } from '@agentteam/volume';
import { findCommit } from '../../src/git/commits.ts';
import { handOver } from '../../src/git/handover/hand-over.ts';
import { takeTeam } from '../../src/git/handover/take.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { inOwn } from '../../src/git/options.ts';
import type { TeamRepository } from '../../src/git/repository.ts';
import { scopeViolations } from '../../src/git/scope/own-changes.ts';
import type { ScopeViolation } from '../../src/git/scope/violations.ts';
import { commitLeftovers } from '../../src/git/worktree/commit-leftovers.ts';
import { never } from './team.ts';

/** Commits and hands over the files in an agent's worktree, as its runner does at the end. */
export async function handOverWork(
  repository: TeamRepository,
  agent: string,
  subject = agent,
): Promise<string> {
  const { commit } = await commitLeftovers(repository, agent, subject, never);
  await handOverCommit(repository, agent, commit);
  return commit;
}

export async function handOverCommit(
  repository: TeamRepository,
  agent: string,
  commit: string,
): Promise<void> {
  const work = { commit, merged: agent === LEAD };
  await handOver(repository, agent, join(repository.state, agent), work, never);
}

/** The violations that an agent's runner finds. */
export async function violationsOf(
  repository: TeamRepository,
  agent: string,
): Promise<readonly ScopeViolation[]> {
  const options = inOwn(repository, agent, never);
  const commit = (await findCommit('HEAD', options)) ?? '';
  const tips = await takeTeam(repository, options, (name) => name !== agent);
  return scopeViolations(repository, agent, commit, tips, options);
}

/** Makes the lead merge all work and hand over the result. @returns its commit. */
export async function mergeWork(repository: TeamRepository, session: string): Promise<string> {
  const outcome = await consolidate(repository, session, never);
  if (outcome.status !== 'merged') throw new Error(`the work is not merged: ${outcome.status}`);
  await handOverCommit(repository, LEAD, outcome.commit);
  await leadReports(repository.state, { outcome: 'completed', summary: 'It is merged.' });
  return outcome.commit;
}

/** Writes the lead's report as its runner would. @param state the state directory. */
export async function leadReports(state: string, reported?: AgentReport): Promise<void> {
  const directory = join(state, LEAD);
  await mkdir(directory, { recursive: true });
  const at = new Date().toISOString();
  await writeAgentState(directory, {
    name: LEAD,
    phase: 'completed',
    attempt: 0,
    sessionId: 's',
    startedAt: at,
    endedAt: at,
    turns: 1,
    ...(reported !== undefined && { reported, report: reported.summary }),
  });
}
