import type { IncomingHttpHeaders } from 'node:http';
import type { Headers } from '../http/headers.ts';
import type { Fields } from '../request/parse-request.ts';
import { findMessagesRoute } from './anthropic.ts';
import type { EntraToken } from './entra-token.ts';
import type { ApiRoute, AskedRequest, OutgoingRequest, ProviderApi } from './provider-api.ts';
import { cloudFields, cloudHeaders } from './request-headers.ts';

/** Claude in Microsoft Foundry: Anthropic's format, with a key of Azure or a token of Entra. */
export class FoundryApi implements ProviderApi {
  readonly #token: EntraToken;

  constructor(token: EntraToken) {
    this.#token = token;
  }

  findRoute(method: string, target: string): ApiRoute | undefined {
    return findMessagesRoute(method, target);
  }

  read(_route: ApiRoute, fields: Fields): AskedRequest {
    return { fields, betas: [] };
  }

  write(_route: ApiRoute, { fields }: AskedRequest): Fields {
    return cloudFields(fields);
  }

  async headers(from: IncomingHttpHeaders, { body, betas }: OutgoingRequest): Promise<Headers> {
    return {
      ...cloudHeaders(from, body, betas),
      'anthropic-version': '2023-06-01',
      ...(await this.#token.headers()),
    };
  }

  isRegional(): boolean {
    // The type of a deployment, on which its price depends, is not known here.
    return false;
  }

  fingerprint(): Promise<string> {
    return this.#token.fingerprint();
  }
}
