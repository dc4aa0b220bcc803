import type { IncomingHttpHeaders } from 'node:http';
import type { ApiCredential } from '../credentials.ts';
import type { Headers } from '../http/headers.ts';
import type { Fields } from '../request/parse-request.ts';
import type { ReplyMeter } from '../usage/reply-meter.ts';

/** The destination of an agent's request at the model provider. */
export interface ApiRoute {
  /** Messages cost money. Counting tokens is free of charge. */
  readonly kind: 'messages' | 'count-tokens';
  /** Path and query below the provider's base URL. */
  readonly path: string;
  /** The model and whether the reply streams, if the path determines them. */
  readonly model?: string;
  readonly streams?: boolean;
}

/** A request in the form of Anthropic's Messages API. */
export interface AskedRequest {
  readonly fields: Fields;
  /** The betas that the body names. Others are in a header. */
  readonly betas: readonly string[];
}

/** A request as it is sent. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body: Buffer | null;
  /** The allowed betas of the header. */
  readonly betas: readonly string[];
}

/**
 * How a model provider's API differs from Anthropic's. The gateway checks and prices all requests in the form
 * of the Messages API.
 */
export interface ProviderApi {
  /**
   * Matches a request line without decoding or normalising it, so that the provider cannot understand it
   * differently. @returns `undefined` unless the request is explicitly allowed.
   */
  findRoute(method: string, target: string): ApiRoute | undefined;
  /**
   * Whether Claude Code asks this without its gateway's token, and works without an answer.
   */
  ignores?(method: string, target: string): boolean;
  /** @throws BadRequestError when the body is not in the provider's form. */
  read(route: ApiRoute, body: Fields): AskedRequest;
  /** The body for the provider. */
  write(route: ApiRoute, request: AskedRequest): Fields;
  /**
   * All headers of a request, with the credential. Call it for each attempt, because signatures expire.
   * @param from headers of the agent's request, which are not trusted.
   * @param credential the one of Anthropic's API to use. Clouds have only one, of their own.
   * @throws CredentialError when there is no usable credential, and errors of the connection to the service
   *   that issues it.
   */
  headers(
    from: IncomingHttpHeaders,
    request: OutgoingRequest,
    credential: ApiCredential,
  ): Promise<Headers>;
  /**
   * The meter for a stream in the provider's own format.
   * @param onEvent gets each event as JSON.
   * @returns `undefined` for other content types.
   */
  readonly streamMeter?: (
    contentType: string,
    onEvent: (data: Buffer) => void,
  ) => ReplyMeter | undefined;
  /** Whether a model is asked for in a chosen region or geography, for which clouds charge more. */
  isRegional(model: unknown): boolean;
  /** A value that changes with the credential, and does not reveal it. */
  fingerprint(): Promise<string>;
}

/** A credential that cannot be used, or that the service that issues tokens refuses. */
export class CredentialError extends Error {
  override readonly name: string = 'CredentialError';
}

/**
 * Whether an error of a service that issues tokens may pass by itself: one of the connection or of the server.
 * All others need another credential.
 * @param code of a system error.
 */
export function mayPass(status: number | undefined, code: string | undefined): boolean {
  if (status !== undefined && (status === 429 || status >= 500)) return true;
  return /^E(?!NOENT$|ACCES$)[A-Z]+$/.test(code ?? '');
}
