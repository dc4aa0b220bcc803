import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './api.ts';
import { NO_PAGE, readAssets, sendAsset } from './assets.ts';
import type { Caller } from './caller.ts';
import { foreign, isAuthorized, SECURITY_HEADERS } from './guard.ts';
import { reply } from './reply.ts';
import { SharedReads } from './shared-reads.ts';
import type { TeamSource } from './team-source.ts';

export interface UiServerOptions {
  readonly source: TeamSource;
  /** Whether the source has teams of several namespaces. Default: false. */
  readonly hasNamespaces?: boolean;
  /** Directory of the built page. */
  readonly assets: string;
  /** 0: any free port. */
  readonly port: number;
  /** Milliseconds between two readings of a team that a page follows. Default: 1000. */
  readonly intervalMs?: number;
}

export interface UiServer {
  /** Address of the page with its token. Whoever knows it has the rights of the caller. */
  readonly url: string;
  close(): Promise<void>;
}

const ADDRESS = 'http://127.0.0.1';

/**
 * Serves the page on 127.0.0.1. The files of the page are for everyone on the machine; everything about teams
 * needs the token.
 */
export async function serveUi({
  source,
  hasNamespaces = false,
  assets,
  port,
  intervalMs = 1000,
}: UiServerOptions): Promise<UiServer> {
  const files = await readAssets(assets);
  const token = randomBytes(32).toString('base64url');
  const ended = new AbortController().signal;
  const caller: Caller = {
    session: { auth: 'address', mayAct: true, hasNamespaces },
    source,
    reads: new SharedReads(intervalMs, ended),
    intervalMs,
    ended,
  };
  const server = createServer({ requestTimeout: 30_000 }).on('request', (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const refusal = foreign(request, portOf(server));
    if (refusal !== undefined) return reply(response, 403, { error: refusal });
    const target = request.url ?? '/';
    // Some targets, such as `//`, are no URL.
    if (!URL.canParse(target, ADDRESS)) return reply(response, 404, NO_PAGE);
    const url = new URL(target, ADDRESS);
    if (!url.pathname.startsWith('/api/')) {
      return sendAsset(response, request.method, files.get(url.pathname));
    }
    if (!isAuthorized(request, token)) {
      return reply(response, 401, { error: 'Open the address that agentteam ui has printed.' });
    }
    void answerApi(caller, request, response, url);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}/#token=${token}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
