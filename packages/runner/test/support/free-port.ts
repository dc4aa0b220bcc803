import { createServer } from 'node:net';

/**
 * Below the ports that systems give out by themselves (from 32768 on Linux): whoever listens at any free
 * one, or calls somebody, is never given one of these between its choice and its use.
 */
const FIRST = 10_000;
/** Ports of one of jest's workers, of which there are two. */
const STRETCH = 10_000;
const begin = FIRST + STRETCH * (Number(process.env['JEST_WORKER_ID'] ?? 1) % 2);
let next = Math.floor(Math.random() * STRETCH);

/** A port for a program that has to be told one. No two calls of a test file get the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = begin + (next % STRETCH);
    next += 1;
    if (await isFree(port)) return port;
  }
}

/** Whether it can be listened at, on every address of this machine. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => resolve(true));
  });
  if (isListening) await new Promise((closed) => server.close(closed));
  return isListening;
}
