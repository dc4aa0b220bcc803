import { Failure } from '../../failure.ts';

/** The HTTP status of a failed request; undefined when there was no response. */
export function httpStatus(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** The API server's message for a refused request. */
export function reasonOf(error: unknown): string {
  const { body } = error as { readonly body?: unknown };
  const status = typeof body === 'string' ? parsed(body) : body;
  const { message } = (status ?? {}) as { readonly message?: unknown };
  if (typeof message === 'string') return message;
  return error instanceof Error ? error.message : String(error);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body };
  }
}

/**
 * Explains a failed request to the user.
 * @param server URL of the API server.
 */
export function requestFailure(error: unknown, server: string): Failure {
  if (error instanceof Failure) return error;
  const cause = { cause: error };
  const reason = reasonOf(error);
  switch (httpStatus(error)) {
    case undefined:
      return new Failure(`the API server at ${server} does not answer: ${reason}`, {
        ...cause,
        hint: 'Check that --kubeconfig, --context or KUBECONFIG select the right cluster.',
      });
    case 401:
      return new Failure(`the API server at ${server} does not accept your credentials`, {
        ...cause,
        hint: 'Log in again, or use --context to act as another user.',
      });
    case 403:
      return new Failure(reason, {
        ...cause,
        hint: 'Ask an administrator for this permission. To see all that you need, run: agentteam doctor',
      });
    case 404: {
      const namespace = /^namespaces "([^"]*)" not found/.exec(reason)?.[1];
      if (namespace !== undefined) {
        return new Failure(`there is no namespace ${namespace}`, {
          ...cause,
          hint: `To create it, run: kubectl create namespace ${namespace}\n  To use another namespace, add -n.`,
        });
      }
      return new Failure(`${server} does not serve AgentTeams or Workflows: ${reason}`, {
        ...cause,
        hint: 'To see what is missing, run: agentteam doctor\n  To install it, run: agentteam install',
      });
    }
    default:
      return new Failure(`the API server refused: ${reason}`, cause);
  }
}
