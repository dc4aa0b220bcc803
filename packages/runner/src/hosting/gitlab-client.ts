import { Retryable, retryAfter, withBackoff } from '@agentteam/notify';
import type { HostingAccess } from './service.ts';

/** An error response of GitLab's API. */
export class GitLabError extends Error {
  override readonly name = 'GitLabError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type GitLabCall = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: unknown,
  signal: AbortSignal,
) => Promise<unknown>;

const BACKOFF = { attempts: 5, first: 1000, longest: 300_000 };

/**
 * A client for GitLab's REST API that repeats requests after 429 and 5xx.
 *
 * @gitbeaker/rest is not used: it calls the global `fetch`, which knows no proxy, and follows
 * redirects with the token.
 */
export function gitLabClient({ baseUrl, token, fetch }: HostingAccess): GitLabCall {
  return (method, path, body, signal) =>
    withBackoff(BACKOFF, signal, async () => {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        signal,
        // A redirect could send the token to another server.
        redirect: 'error',
        headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        throw new Retryable(error);
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      const error = new GitLabError(response.status, text.slice(0, 500));
      if (response.status < 500 && response.status !== 429) throw error;
      throw new Retryable(error, retryAfter(response.headers.get('retry-after')));
    });
}
