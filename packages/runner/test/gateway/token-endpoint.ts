import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './scripted-api.ts';

export const CLIENT_ID = '9d1c250a-e61b-44d9-88ed-5944d1962f5e';

/**
 * A token endpoint as that of a subscription (RFC 6749, section 6, with a JSON body as Claude Code sends it). A
 * refresh token can be used once; using it again revokes the whole chain, as in section 4.14 of RFC 9700.
 */
export class TokenEndpoint {
  /** Bodies of the requests. */
  readonly seen: Readonly<Record<string, unknown>>[] = [];
  /** Takes the place of the next answers. `lost`: the tokens are issued, and the connection breaks. */
  readonly failures: ('lost' | number)[] = [];
  expiresIn = 28_800;
  /** Runs when a request has arrived, before it is handled. `false`: it is not handled. */
  arrived: () => boolean = () => true;
  #refreshToken: string;
  #accessToken: string;
  #revoked = false;
  #count = 0;
  readonly #server: Server;

  private constructor(server: Server, accessToken: string, refreshToken: string) {
    this.#server = server;
    this.#accessToken = accessToken;
    this.#refreshToken = refreshToken;
  }

  static async start(accessToken: string, refreshToken: string): Promise<TokenEndpoint> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const isJson = headers['content-type'] === 'application/json';
        if (method !== 'POST' || url !== '/v1/oauth/token' || !isJson) {
          response.writeHead(404).end('{}');
          return;
        }
        if (!endpoint.arrived()) return;
        const answer = endpoint.#answer(JSON.parse(Buffer.concat(chunks).toString()));
        if (answer === undefined) {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer.body));
      });
    });
    const endpoint = new TokenEndpoint(server, accessToken, refreshToken);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/oauth/token`;
  }

  /** The only access token that the API accepts. */
  get accessToken(): string {
    return this.#accessToken;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** An API that accepts the current access token, and answers as given. */
  guard(answer: Answer): Answer {
    return (request, response) => {
      if (request.headers.authorization === `Bearer ${this.#accessToken}`) {
        return answer(request, response);
      }
      response.writeHead(401, { 'content-type': 'application/json' });
      const error = { type: 'authentication_error', message: 'OAuth token has expired.' };
      response.end(JSON.stringify({ type: 'error', error }));
    };
  }

  #answer(body: Readonly<Record<string, unknown>>) {
    this.seen.push(body);
    const failure = this.failures.shift();
    if (typeof failure === 'number') return { status: failure, body: {} };
    if (body['grant_type'] !== 'refresh_token' || body['client_id'] !== CLIENT_ID) {
      return { status: 400, body: { error: 'invalid_request' } };
    }
    if (this.#revoked || body['refresh_token'] !== this.#refreshToken) {
      this.#revoked = true;
      this.#accessToken = 'none is accepted';
      const error_description = 'Refresh token not found or invalid';
      return { status: 400, body: { error: 'invalid_grant', error_description } };
    }
    this.#count += 1;
    this.#accessToken = `access-${this.#count}`;
    this.#refreshToken = `refresh-${this.#count}`;
    if (failure === 'lost') return undefined;
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        access_token: this.#accessToken,
        refresh_token: this.#refreshToken,
        expires_in: this.expiresIn,
        ...(body['scope'] !== undefined && { scope: body['scope'] }),
      },
    };
  }
}
