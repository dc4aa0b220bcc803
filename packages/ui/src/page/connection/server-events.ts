import { applyDelta, type Delta } from '@agentteam/detail/delta';
import { LOST_MS, LoginNeeded, problemOf, request } from './api.ts';

export interface Listener<T> {
  readonly onState: (state: T) => void;
  /** Called when the server cannot read the state or cannot be reached. */
  readonly onProblem: (message: string) => void;
}

/** Milliseconds until the connection is tried again. */
const RETRY_MS = 2000;

/**
 * Receives server-sent events until the signal aborts. EventSource cannot send the token in a header, so this
 * reads them with fetch.
 */
export async function listen<T>(
  path: string,
  listener: Listener<T>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const silence = new Silence();
    try {
      const { body } = await request(path, { signal: AbortSignal.any([signal, silence.signal]) });
      await receive(body, listener, silence);
    } catch (error) {
      if (signal.aborted || error instanceof LoginNeeded) return;
      listener.onProblem(problemOf(error));
    } finally {
      silence.end();
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * Ends a connection on which nothing arrives. The server sends at least a comment more often than that. A
 * connection can be lost without a word: the laptop slept, or a proxy forgot it.
 */
class Silence {
  readonly #lost = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly signal = this.#lost.signal;

  constructor() {
    this.broken();
  }

  /** Something has arrived. */
  broken(): void {
    clearTimeout(this.#timer);
    const reason = new DOMException('The server sends nothing.', 'TimeoutError');
    this.#timer = setTimeout(() => this.#lost.abort(reason), LOST_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function receive<T>(
  body: ReadableStream<Uint8Array> | null,
  { onState, onProblem }: Listener<T>,
  silence: Silence,
): Promise<void> {
  let state: unknown;
  for await (const { event, data } of eventsOf(body, silence)) {
    const value: unknown = JSON.parse(data);
    if (event === 'problem') {
      onProblem(value as string);
      continue;
    }
    state = event === 'change' ? applyDelta(state, value as Delta) : value;
    onState(state as T);
  }
}

async function* eventsOf(
  body: ReadableStream<Uint8Array> | null,
  silence: Silence,
): AsyncGenerator<{ readonly event: string; readonly data: string }> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // The first event of a large team arrives in many pieces.
  let pieces: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    silence.broken();
    const piece = decoder.decode(value, { stream: true });
    if (!piece.includes('\n')) {
      pieces.push(piece);
      continue;
    }
    const blocks = [...pieces, piece].join('').split('\n\n');
    pieces = [blocks.pop() ?? ''];
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (event !== undefined && data !== undefined) yield { event, data };
    }
  }
}
