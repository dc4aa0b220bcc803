import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { printErrorChunk } from '../step/print.ts';
import { parseStreamLine, type StreamEvent } from './stream.ts';

export interface ClaudeOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onEvent: (event: StreamEvent) => void;
  /** Answers a message to the MCP server that the runner is. */
  readonly answer: (message: unknown) => Promise<object>;
}

/** How long it may take to end after each step of {@link Claude.stop}. */
const INTERRUPT_MS = 1_500;
const TERM_MS = 5_000;

/** A `claude` process in stream-json mode. */
export class Claude {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Its exit code; 128 + n where a signal ended it. All its output has been read by then. */
  readonly exited: Promise<number>;
  #requests = 0;

  constructor({ program, args, cwd, env, onEvent, answer }: ClaudeOptions) {
    // A group of its own: what its tools start can be ended with it.
    this.#child = spawn(program, args, {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // It may be gone when something is fed to it; its exit says so.
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', printErrorChunk);
    const lines = createInterface({ input: this.#child.stdout, crlfDelay: Infinity });
    lines.on('line', (line) => {
      const event = parseStreamLine(line);
      if (event?.type === 'mcp') void this.#serve(event.requestId, answer(event.message));
      else if (event !== undefined) onEvent(event);
    });
    this.exited = this.#exit(once(lines, 'close'));
  }

  async #exit(read: Promise<unknown>): Promise<number> {
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
    await read;
    this.#killGroup('SIGKILL');
    return code ?? (signal === 'SIGTERM' ? 143 : 137);
  }

  /** Says something to it; while it is busy it hears it at its next tool result. */
  say(uuid: string, text: string): void {
    this.#write({ type: 'user', uuid, message: { role: 'user', content: text } });
  }

  setPermissionMode(mode: string): void {
    this.#control({ subtype: 'set_permission_mode', mode });
  }

  /** Lets it end in good order when its turn has: there is nothing more to say. */
  finish(): void {
    this.#child.stdin.end();
  }

  /** Ends it as politely as it lets us: interrupt, end of input, SIGTERM, SIGKILL. */
  async stop(): Promise<void> {
    this.#control({ subtype: 'interrupt' });
    this.finish();
    if (await this.#endsWithin(INTERRUPT_MS)) return;
    this.#child.kill('SIGTERM');
    if (await this.#endsWithin(TERM_MS)) return;
    this.#killGroup('SIGKILL');
    await this.exited;
  }

  /** Ends it and what it started in its group, this instant. */
  kill(): void {
    this.#killGroup('SIGKILL');
  }

  async #serve(requestId: string, answer: Promise<object>): Promise<void> {
    const response = { mcp_response: await answer };
    this.#write({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    });
  }

  #control(request: object): void {
    this.#requests += 1;
    this.#write({ type: 'control_request', request_id: `runner-${this.#requests}`, request });
  }

  #write(line: object): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = delay(ms, false, { signal: timer.signal, ref: false }).catch(() => false);
    const ended = await Promise.race([this.exited.then(() => true), late]);
    timer.abort();
    return ended;
  }

  #killGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid ?? 0), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
