import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { jsonForYaml } from '@agentteam/text';
import type { KubeConfig } from '@kubernetes/client-node';
import { AnswerTooLarge, KubeError } from './kube-error.ts';
import { LineTooLong, linesOf } from './lines.ts';

/** Longest wait for a reply: a dead connection must not block a team. */
const ANSWER_WITHIN_MS = 30_000;
/** Largest reply to read: a few hundred large objects. */
const MAX_ANSWER_BYTES = 16 << 20;
/** Largest watch event to read: it exceeds the API server's limit for one object. */
const MAX_LINE_BYTES = 8 << 20;
/** Largest error reply to read: a `Status` is small, so a larger body comes from a proxy. */
const MAX_REFUSAL_BYTES = 64 << 10;
/** How long credentials are cached: the kubelet renews those in mounted files. */
const FRESH_FOR_MS = 60_000;
/** The API server closes a connection after 90 s of idleness, so close it earlier to lose no request. */
const IDLE_MS = 60_000;
/** Idle time before the first TCP keep-alive probe; Node.js sends ten probes, one per second. */
const PROBE_AFTER_MS = 10_000;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, relative to the API server's URL. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: object;
  /** The complete reply must arrive within this time. */
  readonly withinMs?: number;
  /** A larger reply fails with `AnswerTooLarge`. */
  readonly maxBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

interface Access {
  readonly since: number;
  readonly tls: AgentOptions;
  /** Options of every request. */
  readonly options: RequestOptions;
}

/**
 * Sends JSON requests to the API server over persistent connections. The client library provides the
 * server and the credentials (kubeconfig, service account, exec plugins). Its own requests take five
 * times as much processor time as these (bench/controller).
 */
export class Connection {
  readonly #config: KubeConfig;
  readonly #server: URL;
  #access: Promise<Access> | undefined;

  constructor(config: KubeConfig) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the kubeconfig has no current cluster');
    this.#config = config;
    this.#server = new URL(server);
  }

  /**
   * Sends a request and parses the reply.
   * @throws KubeError when the server refuses the request, and another Error when it does not reply in
   * time or the reply is not JSON.
   */
  async send(call: Call): Promise<unknown> {
    const text = (await this.bytes(call)).toString('utf8');
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${call.method} ${call.path}: the reply is not JSON`);
    }
  }

  /** Sends a request and returns the body of the reply. @throws as `send` does. */
  async bytes(call: Call): Promise<Buffer> {
    const { withinMs = ANSWER_WITHIN_MS, maxBytes = MAX_ANSWER_BYTES } = call;
    const what = `${call.method} ${call.path}`;
    const begun = await this.#begin(call);
    const late = setTimeout(() => {
      begun.destroy(new Error(`${what}: no reply within ${withinMs} ms`));
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
   * Yields the lines of a streamed reply, such as a watch. The stream ends when the server ends it, the
   * connection breaks, nothing arrives for `silentMs`, or the signal aborts.
   * @throws KubeError when the server refuses the request, and another Error when it is unreachable.
   */
  async *lines(path: string, silentMs: number, signal: AbortSignal): AsyncGenerator<string> {
    const answer = await this.#open(path, silentMs, signal);
    try {
      yield* linesOf(answer, MAX_LINE_BYTES);
    } catch (error) {
      // The caller resumes a broken stream from its last line. A line that is too long would come again.
      if (error instanceof LineTooLong) throw error;
    } finally {
      answer.destroy();
    }
  }

  async #open(path: string, silentMs: number, signal: AbortSignal): Promise<IncomingMessage> {
    const begun = await this.#begin({ method: 'GET', path, signal });
    begun.setTimeout(silentMs, () => begun.destroy(new Error(`no data for ${silentMs} ms`)));
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
    // The API server parses the body of a server-side apply as YAML.
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
    // The credentials may have expired: get new ones for the next request.
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
    // A replaced agent closes its connections once they are idle.
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

  /** The library's agents open a connection for each request, so use them only for a proxy. */
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
    // After the reply has begun, an error reaches the reader of the reply instead.
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
