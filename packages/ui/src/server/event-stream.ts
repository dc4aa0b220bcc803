import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { deltaOf } from '@agentteam/detail/delta';
import { messageOf } from './messages.ts';

/** Milliseconds between two comments, which tell the page that the connection lives while nothing changes. */
const HEARTBEAT_MS = 15_000;

/**
 * Sends what `read` gives as server-sent events: all of it as the event `state`, and then what has changed as
 * the event `change` (a {@link Delta}). A reading that fails is sent as the event `problem`. The next reading
 * begins when the browser has taken the last event.
 * @param intervalMs milliseconds between two readings.
 */
export async function sendChanges(
  response: ServerResponse,
  read: () => Promise<unknown>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let last: { readonly state: unknown } | undefined;
  let lastProblem: string | undefined;
  const heartbeat = setInterval(() => {
    if (!response.destroyed && !response.writableNeedDrain) response.write(': alive\n\n');
  }, HEARTBEAT_MS);
  while (!signal.aborted) {
    let event: string | undefined;
    try {
      const state = await read();
      event = eventOf(last, state, lastProblem !== undefined);
      last = { state };
      lastProblem = undefined;
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== lastProblem) event = written('problem', problem);
      lastProblem = problem;
    }
    if (signal.aborted) break;
    if (event !== undefined && !response.write(event)) {
      await once(response, 'drain', { signal }).catch(() => {});
    }
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
  clearInterval(heartbeat);
  response.end();
}

/** @param isRepaired whether the reading before this one failed, which the page shows until the next event. */
function eventOf(
  last: { readonly state: unknown } | undefined,
  state: unknown,
  isRepaired: boolean,
): string | undefined {
  if (last === undefined || isRepaired) return written('state', state);
  const delta = deltaOf(last.state, state);
  return delta === undefined ? undefined : written('change', delta);
}

function written(event: string, value: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
