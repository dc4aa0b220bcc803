import type { IncomingMessage, ServerResponse } from 'node:http';
import { HOLD_PATH } from '../../step/gateway-access.ts';
import { sendApiError } from './api-error.ts';

/** The runner needs one. The agent has the token too, and might open more. */
const MAX_HOLDS = 8;

/** Open replies that end when the gateway does. The runner learns from its own that the gateway has ended. */
export class Holds {
  readonly #held = new Set<ServerResponse>();

  static isHold({ method, url }: IncomingMessage): boolean {
    return method === 'GET' && url === HOLD_PATH;
  }

  /** Starts a reply, and leaves it open. */
  hold(response: ServerResponse): void {
    if (this.#held.size >= MAX_HOLDS) {
      const message = `The gateway allows at most ${MAX_HOLDS} held requests.`;
      sendApiError(response, { status: 429, type: 'api_error', message, retry: false });
      return;
    }
    this.#held.add(response);
    response.once('close', () => this.#held.delete(response));
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  /** Ends all held replies, because the gateway stops. */
  end(): void {
    for (const response of this.#held) response.destroy();
  }
}
