import type { IncomingHttpHeaders } from 'node:http';
import type { MessagesContext } from '../messages-context.ts';
import type { ApiRoute } from '../provider-api/provider-api.ts';
import { allowedBetas, checkMaxTokens, checkRequest } from './check-request.ts';
import { type Fields, parseRequest, writeRequest } from './parse-request.ts';

/** A request that may be sent. */
export interface CheckedRequest {
  /** In the form of the Messages API, without what is not allowed. */
  readonly fields: Fields;
  /** The body, in the provider's form. */
  readonly bytes: Buffer;
  /** The allowed betas of the header. */
  readonly betas: readonly string[];
}

/**
 * Reads a request to the provider, and checks that its cost can be counted.
 * @throws BadRequestError when it cannot, or when the request is not in the provider's form.
 */
export function readRequest(
  { config: { features }, api, omitted }: Pick<MessagesContext, 'config' | 'api' | 'omitted'>,
  route: ApiRoute,
  headers: IncomingHttpHeaders,
  given: Buffer,
): CheckedRequest {
  const allowed = (names: string | string[] | undefined) => allowedBetas(names, features, omitted);
  const betas = allowed(headers['anthropic-beta']);
  const parsed = parseRequest(given);
  const asked = api.read(route, parsed.fields);
  const fields = checkRequest(asked.fields, features, omitted);
  if (route.kind === 'messages') checkMaxTokens(fields);
  const body = api.write(route, { fields, betas: allowed([...asked.betas]) });
  return { fields, bytes: writeRequest(body, parsed), betas };
}
