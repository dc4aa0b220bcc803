import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ORDERS } from '@agentteam/contract';
import { answerPeers } from '@agentteam/server';
import { http } from '../http/node-http.ts';

/** Connections of one address, or of all programs of the pod, and of all. */
const CONNECTIONS = { each: 16, all: 512 };
const REQUEST_WITHIN_MS = 10_000;
const LIMITS = {
  maxHeaderSize: ORDERS.headerBytes,
  requestTimeout: REQUEST_WITHIN_MS,
  headersTimeout: REQUEST_WITHIN_MS,
  connectionsCheckingInterval: 1_000,
};

/** A server for the port of a gateway that anybody who can reach the pod can reach. */
export function makeStatusPort(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = http.createServer(LIMITS);
  answerPeers(server, CONNECTIONS, handle);
  return server;
}
