import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import { answerPeers } from '@agentteam/server';
import { isIngress } from './client-address.ts';
import type { ConsoleOptions } from './options.ts';
import type { SecureFiles } from './secure-files.ts';

const LIMITS: ServerOptions = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  // Tokens of identity providers with many groups are long.
  maxHeaderSize: 32_768,
};
/** Of addresses that are not known ingresses. An unknown ingress needs a connection for each event stream. */
const CONNECTIONS = { each: 1024, all: 4096 };
const MOST_CONNECTIONS = 2 * CONNECTIONS.all;
/** Milliseconds that requests have to end when the server stops. */
const GRACE_MS = 5000;

/** Listens on all interfaces, with TLS if there is a certificate. */
export async function listen(
  { port, ingresses }: Pick<ConsoleOptions, 'port' | 'ingresses'>,
  { tls }: SecureFiles,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server =
    tls === undefined
      ? createServer(LIMITS)
      : // Health checks have no certificate, so requests are checked one by one.
        createSecureServer({
          ...LIMITS,
          ...tls,
          ...(tls.ca && { requestCert: true, rejectUnauthorized: false }),
        });
  server.maxConnections = MOST_CONNECTIONS;
  const isTrusted = (peer: string): boolean => isIngress(peer, ingresses);
  answerPeers(server, { ...CONNECTIONS, isTrusted }, onRequest);
  server.listen(port);
  await once(server, 'listening');
  return server;
}

/** Uses a new certificate for new connections. */
export function renew(server: Server, { tls }: SecureFiles): void {
  if (server instanceof SecureServer && tls !== undefined) server.setSecureContext(tls);
}

/** Accepts no more connections, and resolves when the requests have ended or their time is over. */
export async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}
