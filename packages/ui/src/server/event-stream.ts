import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './messages.ts';

/** Readings without a change after which a comment keeps the connection alive. */
const QUIET_READINGS = 10;

/**
 * Sends what `read` gives as a server-sent event: now, and whenever it has changed. A reading that fails is
 * sent as the event `problem`.
 * @param intervalMs milliseconds between two readings.
 */
export async function sendChanges(
  response: ServerResponse,
  read: () => Promise<unknown>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let last = '';
  let quiet = 0;
  while (!signal.aborted) {
    const event = await eventOf(read, signal);
    if (signal.aborted) break;
    quiet = event === last ? quiet + 1 : 0;
    // A reader who is slower than the changes must not fill the memory.
    if (event !== last && !response.write(event)) {
      await once(response, 'drain', { signal }).catch(() => {});
    } else if (event === last && quiet % QUIET_READINGS === 0) {
      response.write(': nothing new\n\n');
    }
    last = event;
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
  response.end();
}

async function eventOf(read: () => Promise<unknown>, signal: AbortSignal): Promise<string> {
  try {
    return `event: state\ndata: ${JSON.stringify(await read())}\n\n`;
  } catch (error) {
    if (signal.aborted) return '';
    return `event: problem\ndata: ${JSON.stringify(messageOf(error))}\n\n`;
  }
}
