import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReplySource } from './api/reply.ts';
import { PullRequests } from './hosting/pull-requests.ts';
import { McpServers } from './mcp/servers.ts';
import { ScriptSource } from './play/script-source.ts';
import type { Script } from './script/script.ts';
import { fail, handle, type SeenRequest, type Services } from './server/handle.ts';
import { BodyTooLargeError } from './server/read-body.ts';

export interface RehearsalOptions {
  readonly script: Script;
  /** What replies instead of the script, e.g. a recording; MCP servers are still the script's. */
  readonly source?: ReplySource;
  /** Default: any free one. A run that goes on must find its rehearsal where it was. */
  readonly port?: number;
  /** Default: loopback. */
  readonly host?: string;
  /** Where pull requests and calls of MCP servers are kept. Default: in memory alone. */
  readonly dir?: string;
  /** Ends the rehearsal. */
  readonly signal?: AbortSignal;
  readonly onRequest?: (seen: SeenRequest) => void;
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
 * Serves a rehearsal until it is closed. It keeps nothing that a rehearsal depends on: another one on
 * the same port, with the same script and directory, goes on where this one stopped.
 * @throws where the port is taken.
 */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { script, port = 0, host = '127.0.0.1', dir, onRequest = () => {} } = options;
  const services: Services = {
    source: options.source ?? new ScriptSource(script),
    mcp: new McpServers(script.mcpServers ?? {}, dir),
    pullRequests: await PullRequests.open(dir),
    onRequest,
  };
  const end = new AbortController();
  const server = createServer((request, response) => {
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
