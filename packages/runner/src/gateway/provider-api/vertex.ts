import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderRef } from '@agentteam/contract';
import type { Headers } from '../http/headers.ts';
import { BadRequestError } from '../request/bad-request.ts';
import type { Fields } from '../request/parse-request.ts';
import type { GoogleToken } from './google-token.ts';
import type { ApiRoute, AskedRequest, OutgoingRequest, ProviderApi } from './provider-api.ts';
import { cloudFields, cloudHeaders, withoutHeaderFields } from './request-headers.ts';

/** The only value that Vertex AI accepts: docs.claude.com/en/docs/build-with-claude/claude-on-vertex-ai */
const VERSION = 'vertex-2023-10-16';

const TARGET =
  /^\/v1\/projects\/([a-z0-9:.-]{1,100})\/locations\/([a-z0-9-]{1,40})\/publishers\/anthropic\/models\/([a-z0-9@.-]{1,200}):(rawPredict|streamRawPredict)$/;
/** The name that takes the place of a model in requests to count tokens. */
const COUNT_TOKENS = 'count-tokens';
const MODEL = /^claude-[a-z0-9@.-]{1,200}$/;

/** Claude on Vertex AI: the project, the location and the model are in the path. */
export class VertexApi implements ProviderApi {
  readonly #provider: ProviderRef;
  readonly #token: GoogleToken;

  constructor(provider: ProviderRef, token: GoogleToken) {
    this.#provider = provider;
    this.#token = token;
  }

  findRoute(method: string, target: string): ApiRoute | undefined {
    const [, project, location, model = '', operation] = TARGET.exec(target) ?? [];
    const { project: ownProject, region } = this.#provider;
    if (method !== 'POST' || project !== ownProject || location !== region) return undefined;
    if (model === COUNT_TOKENS) {
      return operation === 'rawPredict' ? { kind: 'count-tokens', path: target } : undefined;
    }
    if (!MODEL.test(model)) return undefined;
    return { kind: 'messages', path: target, model, streams: operation === 'streamRawPredict' };
  }

  read({ kind, model, streams }: ApiRoute, body: Fields): AskedRequest {
    const { fields, betas } = withoutHeaderFields(body);
    if (kind === 'count-tokens') return { fields, betas };
    if ((fields['stream'] === true) !== streams) {
      throw new BadRequestError('stream: must be true for streamRawPredict, and only there');
    }
    return { fields: { ...fields, model }, betas };
  }

  write({ kind }: ApiRoute, { fields, betas }: AskedRequest): Fields {
    const { model, ...rest } = cloudFields(fields);
    return {
      ...rest,
      ...(kind === 'count-tokens' && { model }),
      anthropic_version: VERSION,
      ...(betas.length > 0 && { anthropic_beta: betas }),
    };
  }

  async headers(from: IncomingHttpHeaders, { body, betas }: OutgoingRequest): Promise<Headers> {
    return { ...cloudHeaders(from, body, betas), ...(await this.#token.headers()) };
  }

  isRegional(): boolean {
    return this.#provider.region !== 'global';
  }

  fingerprint(): Promise<string> {
    return this.#token.fingerprint();
  }
}
