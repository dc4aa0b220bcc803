import type { TeamRef } from '@agentteam/contract';
import { commitMessageOf } from '@agentteam/text';

/** Trailers of a commit: which team and agent it is from. */
export const TRAILERS = { team: 'Agent-Team', agent: 'Agent' } as const;

/** `.invalid` (RFC 2606): an address that can be nobody's. */
export function authorEmail({ team, namespace }: TeamRef, agent: string): string {
  return `${agent}@${team}.${namespace}.agentteam.invalid`;
}

/** Whether a commit is of this team, by its committer's address. */
export function isOwnCommit({ team, namespace }: TeamRef, committerEmail: string): boolean {
  return committerEmail.endsWith(`@${team}.${namespace}.agentteam.invalid`);
}

/** Author and committer of an agent's commits, as git reads them from the environment. */
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
 * The agent that a commit names as its author, by the author's address.
 * @param author as git stores it: `Name <address> seconds zone`.
 */
export function authorOf({ team, namespace }: TeamRef, author: string): string | undefined {
  const [, agent, host] = /<([^<>@]*)@([^<>@]*)>/.exec(author) ?? [];
  return host === `${team}.${namespace}.agentteam.invalid` ? agent : undefined;
}

/** @param agent absent: it is known of the team alone. */
export function trailerLines(
  { team, namespace }: TeamRef,
  agent: string | undefined,
): readonly string[] {
  const ofTeam = `${TRAILERS.team}: ${namespace}/${team}`;
  return agent === undefined ? [ofTeam] : [ofTeam, `${TRAILERS.agent}: ${agent}`];
}

/** A commit message of ours: subject, text if any, trailers. Prompts are anybody's words, and are cleaned. */
export function commitMessage(ref: TeamRef, agent: string, subject: string, body = ''): string {
  return commitMessageOf(subject, body, trailerLines(ref, agent));
}

/** The branch that an agent works on. */
export function agentBranch(team: string, agent: string): string {
  return `agents/${team}/${agent}`;
}
