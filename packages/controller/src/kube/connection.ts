import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { jsonForYaml } from '@agentteam/text';
import type { KubeConfig } from '@kubernetes/client-node';
import { AnswerTooLarge, KubeError } from './kube-error.ts';
import { LineTooLong, linesOf } from './lines.ts';

/** Longest wait for an answer: a connection that died without a word must not hold up a team. */
const ANSWER_WITHIN_MS = 30_000;
/** Longest answer that is read: some hundred large objects. */
const MAX_ANSWER_BYTES = 16 << 20;
/** Longest event of a watch: an object of the API server's limit, in JSON, with room. */
const MAX_LINE_BYTES = 8 << 20;
/** What a refusal says is a `Status`: whatever is longer comes from a proxy. */
const MAX_REFUSAL_BYTES = 64 << 10;
/** How long credentials and certificates are used: those in mounted files are renewed. */
const FRESH_FOR_MS = 60_000;
/** The API server closes a connection that has been idle for 90 s: it must not do so under a request. */
const IDLE_MS = 60_000;
/** A peer that is gone is noticed so much after it was heard of last, and the ten seconds of Node's probes. */
const PROBE_AFTER_MS = 10_000;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the API server's root, with its query. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: object;
  /** All of the answer must have come by then. */
  readonly withinMs?: number;
  /** @throws AnswerTooLarge where it is longer. */
  readonly maxBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request when it aborts. */
  readonly signal?: AbortSignal;
}

interface Access {
  readonly since: number;
  readonly tls: AgentOptions;
  /** What goes with every request. */
  readonly options: RequestOptions;
}

/**
 * Requests to the API server, in JSON, over connections that stay. The client library finds the
 * cluster and the credentials (kubeconfig, service account, exec plugins); its own requests cost
 * five times as much processor time as these (bench/controller).
 */
export class Connection {
  readonly #config: KubeConfig;
  readonly #server: URL;
  #access: Promise<Access> | undefined;

  constructor(config: KubeConfig) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the kubeconfig names no cluster');
    this.#config = config;
    this.#server = new URL(server);
  }

  /**
   * The answer's JSON.
   * @throws KubeError when the server refuses, another Error when it gives no answer in time.
   */
  async send(call: Call): Promise<unknown> {
    const text = (await this.bytes(call)).toString('utf8');
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${call.method} ${call.path}: the answer is not JSON`);
    }
  }

  /** The answer as it is. @throws as `send` does. */
  async bytes(call: Call): Promise<Buffer> {
    const { withinMs = ANSWER_WITHIN_MS, maxBytes = MAX_ANSWER_BYTES } = call;
    const what = `${call.method} ${call.path}`;
    const begun = await this.#begin(call);
    const late = setTimeout(() => {
      begun.destroy(new Error(`${what}: no answer within ${withinMs} ms`));
    }, withinMs);
    try {
      const answer = await answerOf(begun);
      if (answer.statusCode === undefined || answer.statusCode >= 300) {
        throw this.#refusal(answer, await bytesOf(answer, MAX_REFUSAL_BYTES, what));
      }
      return await bytesOf(answer, maxBytes, what);
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * The lines of an answer that goes on. They end when the server ends them, when the connection
   * breaks, when nothing has come for `silentMs`, and when the signal aborts.
   * @throws KubeError when the server refuses, another Error when it cannot be reached.
   */
  async *lines(path: string, silentMs: number, signal: AbortSignal): AsyncGenerator<string> {
    const answer = await this.#open(path, silentMs, signal);
    try {
      yield* linesOf(answer, MAX_LINE_BYTES);
    } catch (error) {
      // Broken: who reads knows how far they have come. A line that does not end would come again.
      if (error instanceof LineTooLong) throw error;
    } finally {
      answer.destroy();
    }
  }

  async #open(path: string, silentMs: number, signal: AbortSignal): Promise<IncomingMessage> {
    const begun = await this.#begin({ method: 'GET', path, signal });
    begun.setTimeout(silentMs, () => begun.destroy(new Error(`nothing heard for ${silentMs} ms`)));
    const answer = await answerOf(begun);
    if (answer.statusCode === 200) return answer;
    throw this.#refusal(answer, await bytesOf(answer, MAX_REFUSAL_BYTES, `GET ${path}`));
  }

  async #begin({
    method,
    path,
    accept = 'application/json',
    contentType,
    body,
    headers,
    signal,
  }: Call): Promise<ClientRequest> {
    const { options } = await this.#fresh();
    signal?.throwIfAborted();
    const { protocol, hostname, port, pathname } = this.#server;
    // What is applied, the API server reads as YAML.
    const payload = body && jsonForYaml(body);
    const begun = (protocol === 'http:' ? plainRequest : request)({
      ...options,
      hostname,
      port,
      method,
      path: `${pathname.replace(/\/$/, '')}${path}`,
      headers: {
        ...options.headers,
        ...headers,
        accept,
        'user-agent': 'agentteam-controller',
        ...(payload !== undefined && {
          'content-type': contentType ?? 'application/json',
          'content-length': Buffer.byteLength(payload),
        }),
      } as Record<string, string | number>,
    });
    const abort = () => begun.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    begun.once('close', () => signal?.removeEventListener('abort', abort));
    begun.end(payload);
    return begun;
  }

  #refusal({ statusCode = 0, headers }: IncomingMessage, body: Buffer): KubeError {
    // Credentials that have run out are asked for anew.
    if (statusCode === 401) this.#access = undefined;
    return new KubeError(statusCode, body.toString('utf8'), headers['retry-after']);
  }

  async #fresh(): Promise<Access> {
    const known = await this.#access;
    if (known !== undefined && Date.now() - known.since < FRESH_FOR_MS) return known;
    const asked = this.#authenticate(known);
    this.#access = asked;
    asked.catch(() => {
      this.#access = undefined;
    });
    return asked;
  }

  async #authenticate(before: Access | undefined): Promise<Access> {
    const applied: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(applied);
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, auth, headers } =
      applied;
    const given = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    const tls = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as AgentOptions;
    const same = before !== undefined && isDeepStrictEqual(before.tls, tls);
    // One before closes its connections by itself once they are idle.
    const agent = same ? before.options.agent : this.#agent(tls, applied.agent);
    return {
      since: Date.now(),
      tls,
      options: {
        ...(agent !== undefined && { agent }),
        ...(headers !== undefined && { headers }),
        ...(auth != null && { auth }),
      },
    };
  }

  /** The library's agents make a connection for each request: only behind a proxy they are needed. */
  #agent(tls: AgentOptions, library: RequestOptions['agent']): RequestOptions['agent'] {
    if (this.#config.getCurrentCluster()?.proxyUrl) return library;
    const kept = { keepAlive: true, keepAliveMsecs: PROBE_AFTER_MS, timeout: IDLE_MS } as const;
    const ours = { ...kept, scheduling: 'lifo' } as const;
    return this.#server.protocol === 'http:'
      ? new PlainAgent(ours)
      : new Agent({ ...ours, ...tls });
  }
}

function answerOf(begun: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    begun.once('response', resolve);
    // It may also break after the answer has begun: then whoever reads the answer is told.
    begun.on('error', reject);
  });
}

function bytesOf(answer: IncomingMessage, most: number, what: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) answer.destroy(new AnswerTooLarge(what, most));
    });
    answer.once('end', () => resolve(Buffer.concat(chunks)));
    answer.once('error', reject);
  });
}
