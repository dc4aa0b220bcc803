import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * Appends the output of a container in a sandbox to its log. The container gets a socket, and not the file: through
 * `/proc/self/fd` an agent could open the file again, and remove what is in it. What writes the log is a process of its
 * own, so that nothing is lost when the engine is killed.
 * @param output the engine's end of the socket, from which nothing was read yet. It is closed.
 * @param log descriptor of the file.
 * @returns a promise that resolves when everything is written.
 */
export function writeLog(output: Readable, log: number): Promise<void> {
  const writer = spawn('/bin/sh', ['-c', 'exec cat'], {
    detached: true,
    stdio: [output, log, 'ignore'],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  });
  output.destroy();
  return new Promise((resolve) => {
    writer.once('error', () => resolve());
    writer.once('exit', () => resolve());
  });
}
