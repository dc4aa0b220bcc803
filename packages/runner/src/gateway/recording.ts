import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { META_SUFFIX, RECORDINGS, type RecordingMeta, traceOf } from '@agentteam/volume';
import { type Fields, messagesOf } from './request/parse-request.ts';
import type { RequestFacts } from './request/request-facts.ts';

/** Headers of a reply that the CLI reads. */
const KEPT = /^(content-type|retry-after|x-should-retry|request-id|anthropic-ratelimit-.*)$/;

/**
 * Records an agent's replies in `<ledger>/recordings/<agent>/`, readable by this user only. Requests are
 * not recorded: they contain everything that the agent has read.
 */
export class Recorder {
  readonly #agent: string;
  readonly #directory: string;
  #number: number;

  private constructor(agent: string, directory: string, number: number) {
    this.#agent = agent;
    this.#directory = directory;
    this.#number = number;
  }

  /** Continues the numbers of an earlier gateway. */
  static async open(ledger: string, agent: string): Promise<Recorder> {
    const directory = join(ledger, RECORDINGS, agent);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const numbers = (await readdir(directory)).map((name) => Number.parseInt(name, 10) || 0);
    return new Recorder(agent, directory, Math.max(0, ...numbers));
  }

  /** @param fields the request, of which only the trace is recorded. */
  begin(facts: RequestFacts, fields: Fields): Recording {
    this.#number += 1;
    const request = { ...facts, trace: traceOf(messagesOf(fields)) };
    return new Recording(this.#directory, this.#agent, this.#number, request);
  }
}

export class Recording {
  readonly #directory: string;
  readonly #agent: string;
  readonly #number: number;
  readonly #request: RecordingMeta['request'];
  #body: WriteStream | undefined;
  #meta: Promise<void> = Promise.resolve();

  constructor(directory: string, agent: string, number: number, request: RecordingMeta['request']) {
    this.#directory = directory;
    this.#agent = agent;
    this.#number = number;
    this.#request = request;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    const number = String(this.#number).padStart(4, '0');
    const streamed = String(headers['content-type']).includes('text/event-stream');
    const body = `${number}.${streamed ? 'sse' : 'json'}`;
    const meta: RecordingMeta = {
      v: 1,
      agent: this.#agent,
      number: this.#number,
      at: new Date().toISOString(),
      request: this.#request,
      status,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          KEPT.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
        ),
      ),
      body,
    };
    this.#body = createWriteStream(join(this.#directory, body), { flags: 'wx', mode: 0o600 });
    // A failed recording must not end the run.
    this.#body.on('error', () => {});
    const path = join(this.#directory, `${number}${META_SUFFIX}`);
    this.#meta = writeFile(path, JSON.stringify(meta, null, 2), { mode: 0o600 }).catch(() => {});
  }

  chunk(data: Buffer): void {
    this.#body?.write(data);
  }

  async end(): Promise<void> {
    const body = this.#body;
    if (body !== undefined) await new Promise<void>((resolve) => body.end(() => resolve()));
    await this.#meta;
  }
}
