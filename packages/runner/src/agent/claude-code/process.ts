import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { printError, printErrorChunk } from '../../step/print.ts';
import type { AgentEvent, AgentProcess } from '../agent-cli.ts';
import { log } from '../log.ts';
import { parseStreamLine } from './stream.ts';

export interface ClaudeProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly isResumed: boolean;
  readonly readBefore: ReadonlySet<string>;
  readonly onEvent: (event: AgentEvent) => void;
  /** Answers a message to the MCP server that the runner is. */
  readonly answerMcp: (message: unknown) => Promise<object>;
}

/** How long {@link ClaudeProcess.stop} waits after each of its steps, in milliseconds. */
const INTERRUPT_MS = 1_500;
const TERM_MS = 5_000;
/** How long the process's output is read after it has exited, in milliseconds. A pipe holds 64 KiB at most. */
const OUTPUT_MS = 2_000;

/** A shell's exit code for a program that it cannot start. */
const NOT_STARTED = 127;

/** A `claude` process in stream-json mode. */
export class ClaudeProcess implements AgentProcess {
  readonly isResumed: boolean;
  readonly readBefore: ReadonlySet<string>;
  readonly exited: Promise<number>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #failedServers: Set<string> = new Set();
  /** By the id of a control request that is not carried out yet. */
  readonly #controlled = new Map<string, () => void>();
  /** The uuids of the messages that the agent has not read. */
  readonly #queued = new Set<string>();
  #requests = 0;

  constructor(options: ClaudeProcessOptions) {
    const { program, args, cwd, env, onEvent, answerMcp } = options;
    this.isResumed = options.isResumed;
    this.readBefore = options.readBefore;
    // Its own process group, so that what its tools start can be killed with it.
    this.#child = spawn(program, args, {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // A write can fail because the process has exited; `exited` reports that.
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', printErrorChunk);
    const lines = createInterface({ input: this.#child.stdout, crlfDelay: Infinity });
    lines.on('line', (line) => {
      const event = parseStreamLine(line);
      if (event?.type === 'mcp') void this.#respond(event.requestId, answerMcp(event.message));
      else if (event?.type === 'controlled') this.#controlled.get(event.requestId)?.();
      else if (event?.type === 'failed-servers') this.#logFailed(event.names);
      else if (event !== undefined) {
        if (event.type === 'delivered') this.#queued.delete(event.uuid);
        onEvent(event);
      }
    });
    // The last words of the process often say why it has exited.
    this.exited = this.#exit(
      Promise.all([once(lines, 'close'), once(this.#child.stderr, 'close')]),
    );
  }

  /** @param read resolves when all output of the process has been read. */
  async #exit(read: Promise<unknown>): Promise<number> {
    let exit: [number | null, string | null];
    try {
      exit = (await once(this.#child, 'exit')) as typeof exit;
    } catch (error) {
      printError(`Claude Code cannot be started: ${String(error)}`);
      return NOT_STARTED;
    }
    const [code, signal] = exit;
    this.kill();
    // A daemon of the agent that has left the process group may keep the pipes open.
    await this.#within(OUTPUT_MS, read);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    return code ?? (signal === 'SIGTERM' ? 143 : 137);
  }

  send({ uuid, text }: { readonly uuid: string; readonly text: string }): void {
    this.#queued.add(uuid);
    this.#write({ type: 'user', uuid, message: { role: 'user', content: text } });
  }

  interrupt(): void {
    void this.#control({ subtype: 'interrupt' });
  }

  acceptPlan(): void {
    void this.#control({ subtype: 'set_permission_mode', mode: 'bypassPermissions' });
  }

  finish(): void {
    this.#child.stdin.end();
  }

  /**
   * Withdraws the messages that the agent has not read, interrupts the turn, then ends the input and sends SIGTERM,
   * then SIGKILL, until the process exits. After an interrupt, and at the end of its input, Claude Code would begin a
   * turn for the messages in its queue, and fail its calls of the runner's tools. A process whose input has ended
   * before gets time to exit by itself.
   */
  async stop(): Promise<void> {
    if (this.#child.stdin.writable) {
      for (const uuid of this.#queued) {
        void this.#control({ subtype: 'cancel_async_message', message_uuid: uuid });
      }
      const interrupted = this.#control({ subtype: 'interrupt' });
      await this.#within(INTERRUPT_MS, Promise.race([interrupted, this.exited]));
      this.finish();
    } else if (await this.#within(INTERRUPT_MS, this.exited)) return;
    this.#child.kill('SIGTERM');
    if (await this.#within(TERM_MS, this.exited)) return;
    this.kill();
    await this.exited;
  }

  kill(): void {
    const { pid } = this.#child;
    // A program that could not be started has no pid. Group 0 would be the runner's own group.
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  async #respond(requestId: string, answer: Promise<object>): Promise<void> {
    const response = { mcp_response: await answer };
    this.#write({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    });
  }

  #logFailed(names: readonly string[]): void {
    for (const name of names) {
      if (this.#failedServers.has(name)) continue;
      this.#failedServers.add(name);
      log(
        'mcp',
        `the server ${name} cannot be started or reached, so the agent works without its tools`,
      );
    }
  }

  /** Resolves when the process has carried out the request. */
  #control(request: object): Promise<void> {
    this.#requests += 1;
    const id = `runner-${this.#requests}`;
    const controlled = new Promise<void>((resolve) => this.#controlled.set(id, resolve));
    this.#write({ type: 'control_request', request_id: id, request });
    return controlled.finally(() => this.#controlled.delete(id));
  }

  #write(line: object): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** Whether something happens within some milliseconds. */
  async #within(ms: number, happens: Promise<unknown>): Promise<boolean> {
    const timer = new AbortController();
    const late = delay(ms, false, { signal: timer.signal, ref: false }).catch(() => false);
    const hasHappened = await Promise.race([happens.then(() => true), late]);
    timer.abort();
    return hasHappened;
  }
}
