import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendApiError } from './api-error.ts';

/** Where the agent's runner asks for a reply that lasts as long as the gateway does. */
export const HOLD_PATH = '/agentteam/hold';

/** The runner needs one. Its agent has the token as well, and may ask for more. */
const MOST_HOLDS = 8;

/** Replies that end with the gateway: they tell the runner that nothing is counted any more. */
export class Holds {
  readonly #held = new Set<ServerResponse>();

  static asksFor({ method, url }: IncomingMessage): boolean {
    return method === 'GET' && url === HOLD_PATH;
  }

  /** Answers, and leaves the reply open. */
  take(response: ServerResponse): void {
    if (this.#held.size >= MOST_HOLDS) {
      const message = `This gateway is held ${MOST_HOLDS} times already.`;
      sendApiError(response, { status: 429, type: 'api_error', message, retry: false });
      return;
    }
    this.#held.add(response);
    response.once('close', () => this.#held.delete(response));
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  /** Ends all of them: the gateway serves nothing new from now on. */
  end(): void {
    for (const response of this.#held) response.destroy();
  }
}
