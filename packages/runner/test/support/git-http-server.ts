import { execFileSync, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface GitHttpServer {
  /** `http://127.0.0.1:<port>`, or the requested URL. */
  readonly url: string;
  /** `Authorization` headers of the requests. */
  readonly authorizations: (string | undefined)[];
  close(): Promise<void>;
}

export interface GitHttpOptions {
  /** Answers requests to the Git LFS API. */
  readonly lfs?: (request: IncomingMessage, response: ServerResponse) => void;
  /** For https. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  readonly host?: string;
  /** 0 for any free port. */
  readonly port?: number;
}

/**
 * Serves the repositories below a directory over smart HTTP, with git's own `git http-backend`.
 * @param credentials required `user:password`, or whether one is accepted; absent when the repositories
 * are public.
 */
export async function serveGit(
  directory: string,
  credentials?: string | ((credentials: string) => boolean),
  { lfs, certificate, host = '127.0.0.1', port = 0 }: GitHttpOptions = {},
): Promise<GitHttpServer> {
  const programs = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const backend = join(programs, 'git-http-backend');
  const authorizations: (string | undefined)[] = [];
  const isAccepted = (header = ''): boolean => {
    if (credentials === undefined) return true;
    const given = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
    return typeof credentials === 'string' ? given === credentials : credentials(given);
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    authorizations.push(request.headers.authorization);
    if (!isAccepted(request.headers.authorization)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end('no');
      return;
    }
    if (lfs && request.url?.includes('.git/info/lfs/')) lfs(request, response);
    else serve(backend, directory, request, response);
  };
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    url: `${certificate ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A CGI call (RFC 3875). */
function serve(
  backend: string,
  directory: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn(backend, [], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
    // Its error output concerns requests that it answers, such as those for missing repositories.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  let head = Buffer.alloc(0);
  child.stdout.on('data', function onHead(chunk: Buffer) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    child.stdout.off('data', onHead);
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ', 2);
      if (name === 'Status') response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  });
}
