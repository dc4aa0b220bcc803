import { Failure } from '../../failure.ts';

/** HTTP status of a failed request, or undefined when it got no answer at all. */
export function httpStatus(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** What the API server said of a refused request, in its own words. */
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
 * A refused or unanswered request in the words of the person who made it.
 * @param server whose it was.
 */
export function requestFailure(error: unknown, server: string): Failure {
  if (error instanceof Failure) return error;
  const cause = { cause: error };
  const said = reasonOf(error);
  switch (httpStatus(error)) {
    case undefined:
      return new Failure(`the API server at ${server} does not answer: ${said}`, {
        ...cause,
        wayOut: 'Is it the right one? --kubeconfig, --context and KUBECONFIG say which.',
      });
    case 401:
      return new Failure(`the API server at ${server} does not know you`, {
        ...cause,
        wayOut: 'Log in again; --context names another user.',
      });
    case 403:
      return new Failure(said, {
        ...cause,
        wayOut: 'Ask for this right; agentteam doctor shows all that are needed.',
      });
    case 404: {
      const namespace = /^namespaces "([^"]*)" not found/.exec(said)?.[1];
      if (namespace !== undefined) {
        return new Failure(`there is no namespace ${namespace}`, {
          ...cause,
          wayOut: `kubectl create namespace ${namespace}   makes it; -n names another.`,
        });
      }
      return new Failure(`${server} does not know AgentTeams or Workflows: ${said}`, {
        ...cause,
        wayOut: 'agentteam doctor   shows what is missing; agentteam install   puts it there.',
      });
    }
    default:
      return new Failure(`the API server refused: ${said}`, cause);
  }
}
