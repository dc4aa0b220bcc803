import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { limitPeers, type PeerLimits } from './limit-peers.ts';
import { type Handle, oneAtATime } from './one-at-a-time.ts';

/**
 * Answers the requests to a port that untrusted peers can reach, so that none of them keeps the others from being
 * answered: the connections of a peer are limited, and a connection has one request at a time.
 */
export function answerPeers(
  server: Server | SecureServer,
  limits: PeerLimits,
  handle: Handle,
): void {
  server.on('request', oneAtATime(handle));
  limitPeers(server, limits);
}
