import type { IncomingHttpHeaders } from 'node:http';
import type { ApiCredential, Credentials } from '../credentials.ts';
import { apiHeaders, type Headers } from '../http/headers.ts';
import type { ApiRoute, AskedRequest, OutgoingRequest, ProviderApi } from './provider-api.ts';
import { jsonHeaders } from './request-headers.ts';

const MESSAGES = /^\/v1\/messages(?:\?beta=true)?$/;
const COUNT_TOKENS = /^\/v1\/messages\/count_tokens(?:\?beta=true)?$/;

/** Anthropic's own API. */
export class AnthropicApi implements ProviderApi {
  readonly #credentials: Credentials;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  findRoute(method: string, target: string): ApiRoute | undefined {
    return findMessagesRoute(method, target);
  }

  read(_route: ApiRoute, fields: AskedRequest['fields']): AskedRequest {
    return { fields, betas: [] };
  }

  write(_route: ApiRoute, { fields }: AskedRequest): AskedRequest['fields'] {
    return fields;
  }

  async headers(
    from: IncomingHttpHeaders,
    { body, betas }: OutgoingRequest,
    credential: ApiCredential,
  ): Promise<Headers> {
    return apiHeaders(from, { ...credential.headers(betas), ...jsonHeaders(body) });
  }

  isRegional(): boolean {
    return false;
  }

  fingerprint(): Promise<string> {
    return this.#credentials.fingerprint();
  }
}

/** The routes of the Messages API. */
export function findMessagesRoute(method: string, target: string): ApiRoute | undefined {
  if (method !== 'POST') return undefined;
  if (MESSAGES.test(target)) return { kind: 'messages', path: target };
  return COUNT_TOKENS.test(target) ? { kind: 'count-tokens', path: target } : undefined;
}
