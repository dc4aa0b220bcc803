import { PassThrough, Writable } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import type { PodCommand } from './exec.ts';
import { podName } from './pod-name.ts';

/** A connection without an answer to two pings is lost. Load balancers cut connections that are silent. */
const PING_MS = 20_000;
/** Characters of the command's error output that are kept. */
const MOST_ERROR = 4_096;
/** Bytes that nobody has read yet: a reply is asked for in parts of 4 MiB, or read at once. */
const MOST_UNREAD = 16_777_216; // 16 Mi
/** Messages of the connection that are waiting, or that make one answer. Kubernetes sends up to 32 KiB in each. */
const MOST_PARTS = 65_536;

const TINY_PARTS = 'the pod sends too many small parts';

/** What is used of the client library's WebSocket, whose types are not published. */
interface Socket {
  on(event: string, listener: (argument: Error) => void): Socket;
  ping(): void;
  terminate(): void;
}

/** Thrown when the connection to a command in a pod breaks off. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** A command in a container that is written to and read from while it runs. */
export class ExecSession {
  readonly #socket: Socket;
  readonly #input: PassThrough;
  readonly #output: Output;
  readonly #pings: NodeJS.Timeout;

  private constructor(socket: Socket, input: PassThrough, output: Output) {
    this.#socket = socket;
    this.#input = input;
    this.#output = output;
    let isAlive = true;
    const heard = (): void => {
      isAlive = true;
    };
    socket.on('pong', heard).on('message', heard);
    output.onFlood = () => socket.terminate();
    socket.on('close', () => this.#lost('the connection was closed'));
    socket.on('error', ({ message }: Error) => this.#lost(message));
    this.#pings = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, PING_MS);
  }

  /** @throws ConnectionLostError, and Failure for a text that is not the name of a pod */
  static async open(
    { config, namespace }: Connection,
    { pod, container, command }: PodCommand,
  ): Promise<ExecSession> {
    const name = podName(pod);
    const input = new PassThrough();
    const output = new Output();
    let errorParts = 0;
    const errors = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        output.errors = `${output.errors}${chunk.toString('utf8')}`.slice(-MOST_ERROR);
        errorParts += 1;
        if (errorParts > MOST_PARTS) output.flood(TINY_PARTS);
        done();
      },
    });
    const onStatus = ({ message }: V1Status): void => {
      output.fail(new ConnectionLostError(output.errors.trim() || (message ?? 'it ended')));
    };
    const exec = new Exec(config);
    const args = [...command];
    const socket = await exec
      .exec(namespace, name, container, args, output.stream, errors, input, false, onStatus)
      .catch((cause: unknown) => {
        const { message = 'no reason is given' } = cause as { readonly message?: string };
        throw new ConnectionLostError(message, { cause });
      });
    return new ExecSession(socket as unknown as Socket, input, output);
  }

  /** Writes a line to the command's standard input. */
  write(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** Reads a line of the command's standard output. @throws ConnectionLostError */
  async line(most: number): Promise<string> {
    for (;;) {
      const end = this.#output.bytes.indexOf(0x0a);
      if (end >= 0)
        return this.#output
          .take(end + 1)
          .toString('utf8')
          .trimEnd();
      if (this.#output.bytes.length > most) throw new ConnectionLostError('the reply is too long');
      await this.#output.more();
    }
  }

  /** Reads bytes of the command's standard output. @throws ConnectionLostError */
  async bytes(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#output.bytes.length === 0) await this.#output.more();
      const part = this.#output.take(Math.min(missing, this.#output.bytes.length));
      parts.push(part);
      missing -= part.length;
      if (parts.length > MOST_PARTS) throw new ConnectionLostError(TINY_PARTS);
    }
    return Buffer.concat(parts);
  }

  close(): void {
    clearInterval(this.#pings);
    this.#socket.terminate();
  }

  #lost(message: string): void {
    clearInterval(this.#pings);
    this.#output.fail(new ConnectionLostError(message));
  }
}

/** What the command has written and nobody has read. */
class Output {
  readonly stream: Writable;
  errors = '';
  #parts: Buffer[] = [];
  #length = 0;
  /** Called when the command has written more than anybody has asked for. */
  onFlood: () => void = () => {};
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor() {
    this.stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const isFlood = this.#length + chunk.length > MOST_UNREAD;
        if (isFlood || this.#parts.length >= MOST_PARTS) {
          this.flood(isFlood ? 'the pod sends more than it was asked for' : TINY_PARTS);
          return done();
        }
        this.#parts.push(chunk);
        this.#length += chunk.length;
        this.#wake();
        done();
      },
    });
  }

  /** The messages are joined only here: joining them as each one arrives would take quadratic time. */
  get bytes(): Buffer {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1) return first;
    const joined = Buffer.concat(this.#parts);
    this.#parts = [joined];
    return joined;
  }

  take(length: number): Buffer {
    const { bytes } = this;
    this.#parts = [bytes.subarray(length)];
    this.#length = bytes.length - length;
    return bytes.subarray(0, length);
  }

  /** Waits for more bytes. */
  async more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#length === 0 && this.#failure !== undefined) throw this.#failure;
  }

  flood(why: string): void {
    this.fail(new ConnectionLostError(why));
    this.onFlood();
  }

  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake();
  }
}
