import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EXIT, type ResultsReply, type ResultsRequest } from '@agentteam/contract';
import { printError } from '../step/print.ts';
import { ResultsReader, ResultsRefusal } from './reader.ts';

/**
 * `agentteam-runner results serve` answers a person's program on standard input and output: see
 * `ResultsRequest`. `results hold` keeps a pod alive in which the CLI runs it. The pod mounts the volumes of a
 * team read-only.
 */
export async function resultsCommand(
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const [verb, ...rest] = argv;
  if (rest.length === 0 && verb === 'hold') {
    // A signal alone does not keep the process alive.
    const alive = setInterval(() => {}, 1 << 30);
    if (!signal.aborted) await once(signal, 'abort');
    clearInterval(alive);
    return EXIT.ok;
  }
  if (rest.length === 0 && verb === 'serve') {
    await serve(new ResultsReader(env, signal), signal);
    return EXIT.ok;
  }
  printError('usage: agentteam-runner results hold | results serve');
  return EXIT.invalid;
}

/** Answers one request after the other, until standard input ends. */
async function serve(reader: ResultsReader, signal: AbortSignal): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const content = await reader
      .answer(JSON.parse(line) as ResultsRequest)
      .catch((error: unknown) => {
        if (error instanceof ResultsRefusal) return error;
        throw error;
      });
    if (Buffer.isBuffer(content)) {
      await send({ length: content.length });
      await write(content);
    } else {
      await send({ error: content.message });
    }
  }
}

function send(reply: ResultsReply): Promise<void> {
  return write(Buffer.from(`${JSON.stringify(reply)}\n`));
}

/** Waits until the reader has taken the bytes, so that a slow one does not fill the memory. */
function write(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
