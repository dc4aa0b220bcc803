import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Closes a connection on which a request arrives before the last one was answered. Node (24) reads such requests
 * without a limit, so that one connection could keep any number of them waiting. No client of ours pipelines.
 */
export function oneAtATime(handle: Handle): Handle {
  /** By connection, the last response. */
  const last = new WeakMap<Socket, ServerResponse>();
  return (request, response) => {
    const { socket } = request;
    // The end counts, and not when all of it was sent: over TLS, Node learns of that after the client can.
    if (last.get(socket)?.writableEnded === false) {
      socket.destroy();
      return;
    }
    last.set(socket, response);
    handle(request, response);
  };
}
