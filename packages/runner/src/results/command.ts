import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { ENV, EXIT, type ResultsReply, type ResultsRequest } from '@agentteam/contract';
import { printError } from '../step/print.ts';
import { ResultsReader, ResultsRefusal } from './reader.ts';
import { refusalToShare } from './share.ts';

/** After this time without a request, a reader ends that shares a gateway's container. */
const IDLE_MS = 60_000;
const LOW_PRIORITY = 10;

/**
 * `agentteam-runner results serve` answers a person's program on standard input and output: see
 * `ResultsRequest`. `results hold` keeps a pod alive in which the CLI runs it. The pod mounts the volumes of a
 * team read-only. `results share` does the same as `serve` in the container of a gateway, which has work of its
 * own: it refuses to if there are too many readers or there is too little memory, and ends with its reader.
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
  if (rest.length === 0 && (verb === 'serve' || verb === 'share')) {
    const refusal = verb === 'share' ? await refusalToShare(env[ENV.root] ?? '') : undefined;
    if (verb === 'share') setPriority(LOW_PRIORITY);
    const reader =
      refusal === undefined
        ? new ResultsReader(env, signal)
        : { answer: () => Promise.reject(new ResultsRefusal(refusal)) };
    await serve(reader, verb === 'share' ? IDLE_MS : undefined, signal);
    return EXIT.ok;
  }
  printError('usage: agentteam-runner results hold | results serve | results share');
  return EXIT.invalid;
}

/**
 * Answers one request after the other, until standard input ends.
 * @param idleMs milliseconds without a request after which nothing more is answered; absent: never.
 */
async function serve(
  reader: Pick<ResultsReader, 'answer'>,
  idleMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const end = new AbortController();
  const idle = idleMs === undefined ? undefined : setTimeout(() => end.abort(), idleMs);
  const until = AbortSignal.any([signal, end.signal]);
  const lines = createInterface({ input: process.stdin, signal: until });
  for await (const line of lines) {
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
    idle?.refresh();
  }
  clearTimeout(idle);
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
