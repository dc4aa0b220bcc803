import type { TeamRef } from '@agentteam/contract';
import { commitMessageOf } from '@agentteam/text';

/** Trailers that name the team and the agent that a commit comes from. */
export const TRAILERS = { team: 'Agent-Team', agent: 'Agent' } as const;

/** Nobody can own an address below `.invalid` (RFC 2606). */
function authorEmail({ team, namespace }: TeamRef, agent: string): string {
  return `${agent}@${team}.${namespace}.agentteam.invalid`;
}

/** Whether a commit comes from this team. */
export function isOwnCommit({ team, namespace }: TeamRef, committerEmail: string): boolean {
  return committerEmail.endsWith(`@${team}.${namespace}.agentteam.invalid`);
}

/** Environment variables that make an agent the author and committer of git's commits. */
export function identityEnvironment(ref: TeamRef, agent: string): Readonly<Record<string, string>> {
  const email = authorEmail(ref, agent);
  return {
    GIT_AUTHOR_NAME: agent,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: agent,
    GIT_COMMITTER_EMAIL: email,
  };
}

/**
 * The agent that a commit's author address names.
 * @param author as git stores it: `Name <address> seconds zone`.
 */
export function authorOf({ team, namespace }: TeamRef, author: string): string | undefined {
  const [, agent, host] = /<([^<>@]*)@([^<>@]*)>/.exec(author) ?? [];
  return host === `${team}.${namespace}.agentteam.invalid` ? agent : undefined;
}

/** @param agent `undefined` when only the team is known. */
export function trailerLines(
  { team, namespace }: TeamRef,
  agent: string | undefined,
): readonly string[] {
  const ofTeam = `${TRAILERS.team}: ${namespace}/${team}`;
  return agent === undefined ? [ofTeam] : [ofTeam, `${TRAILERS.agent}: ${agent}`];
}

/** The message of a commit that the runner makes. Subject and body come from prompts, and are cleaned. */
export function commitMessage(ref: TeamRef, agent: string, subject: string, body = ''): string {
  return commitMessageOf(subject, body, trailerLines(ref, agent));
}
