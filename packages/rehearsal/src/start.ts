import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReplySource } from './api/reply.ts';
import { PullRequests } from './hosting/pull-requests.ts';
import { McpServers } from './mcp/servers.ts';
import { ScriptSource } from './play/script-source.ts';
import { GoogleTokens } from './provider/google-tokens.ts';
import type { Script } from './script/script.ts';
import { fail, handle, type SeenRequest, type Services } from './server/handle.ts';
import { BodyTooLargeError } from './server/read-body.ts';

export interface RehearsalOptions {
  readonly script: Script;
  /** Replies instead of the script, for example a recording. MCP servers still come from the script. */
  readonly source?: ReplySource;
  /** A resumed run needs the port of its earlier rehearsal. @default any free port */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Directory for pull requests and calls of MCP servers. @default in memory only */
  readonly dir?: string;
  /** Closes the rehearsal when it aborts. */
  readonly signal?: AbortSignal;
  readonly onRequest?: (seen: SeenRequest) => void;
  /** Called before a reply is sent, which waits for it. */
  readonly onReply?: (seen: SeenRequest) => Promise<void>;
}

export interface Rehearsal {
  /**
   * `http://127.0.0.1:<port>`. An agent's base URL of the Messages API is `<url>/<agent>`, an MCP
   * server's address `<url>/mcp/<server>`, that of the hosting API `<url>/hosting/github`.
   */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a rehearsal until it is closed. Another one with the same port, script and directory continues
 * where it stopped, because the rehearsal reads its position from the requests.
 * @throws Error with code EADDRINUSE when the port is in use.
 */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { script, port = 0, host = '127.0.0.1', dir, onRequest = () => {} } = options;
  const { onReply = async () => {} } = options;
  const services: Services = {
    source: options.source ?? new ScriptSource(script),
    mcp: new McpServers(script.mcpServers ?? {}, dir),
    pullRequests: await PullRequests.open(dir),
    googleTokens: new GoogleTokens(),
    onRequest,
    onReply,
  };
  const end = new AbortController();
  // A process that was suspended (Ctrl-Z) would close idle connections before it reads the requests on them, and a
  // gateway charges the highest cost for a request without a reply.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void answer(request, response, services, end.signal);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  const close = async (): Promise<void> => {
    end.abort();
    server.close();
    server.closeAllConnections();
    await closed;
  };
  options.signal?.addEventListener('abort', close, { once: true });
  if (options.signal?.aborted) await close();
  const named = host === '0.0.0.0' ? '127.0.0.1' : host;
  return { url: `http://${named}:${bound}`, port: bound, close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  services: Services,
  end: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    await handle(request, response, services, AbortSignal.any([gone.signal, end]));
  } catch (error) {
    if (gone.signal.aborted || end.aborted) return;
    if (response.headersSent) response.destroy();
    else fail(response, error instanceof BodyTooLargeError ? 413 : 500, String(error));
  }
}
