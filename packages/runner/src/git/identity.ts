import type { TeamRef } from '@agentteam/contract';

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

export function trailerLines({ team, namespace }: TeamRef, agent: string): readonly string[] {
  return [`${TRAILERS.team}: ${namespace}/${team}`, `${TRAILERS.agent}: ${agent}`];
}

/** A commit message: subject, text if any, trailers. */
export function commitMessage(ref: TeamRef, agent: string, subject: string, body = ''): string {
  const trailers = trailerLines(ref, agent).join('\n');
  return `${[subject, body.trim(), trailers].filter((part) => part !== '').join('\n\n')}\n`;
}

/** The branch that an agent works on. */
export function agentBranch(team: string, agent: string): string {
  return `agents/${team}/${agent}`;
}
