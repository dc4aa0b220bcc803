import { createServer } from 'node:net';

/**
 * Below the ephemeral ports of systems (from 32768 on Linux), so that no other program gets one of these
 * ports between the choice and the use.
 */
const FIRST = 10_000;
/** Ports for each of jest's two workers. */
const STRETCH = 10_000;
const begin = FIRST + STRETCH * (Number(process.env['JEST_WORKER_ID'] ?? 1) % 2);
let next = Math.floor(Math.random() * STRETCH);

/** A port for a program that cannot choose one itself. Each call in a test file returns another. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = begin + (next % STRETCH);
    next += 1;
    if (await isFree(port)) return port;
  }
}

/** Whether the port is free on all addresses of this machine. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => resolve(true));
  });
  if (isListening) await new Promise((closed) => server.close(closed));
  return isListening;
}
