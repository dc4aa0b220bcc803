import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiServer {
  /** `http://127.0.0.1:<port>`, or `https` */
  readonly url: string;
  readonly requests: ApiRequest[];
  /**
   * Answers that take precedence over the handler's. `after` runs the handler and loses its answer.
   */
  readonly failures: (ApiAnswer & { readonly after?: boolean })[];
  close(): Promise<void>;
}

/** A JSON API on loopback. @param certificate for https. */
export async function serveApi(
  handle: (request: ApiRequest) => ApiAnswer,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<ApiServer> {
  const requests: ApiRequest[] = [];
  const failures: (ApiAnswer & { readonly after?: boolean })[] = [];
  const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const request: ApiRequest = {
      method: incoming.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
      text,
      body: text === '' ? {} : JSON.parse(text),
    };
    requests.push(request);
    const failure = failures.shift();
    if (failure?.after) handle(request);
    const { status, headers = {}, body } = failure ?? handle(request);
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body ?? {}));
  };
  const server = certificate ? createSecureServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failures,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
