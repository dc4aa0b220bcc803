import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Proxies } from '@agentteam/notify/proxies';
import {
  IDLE_MS,
  SILENCE_MS,
  SilenceError,
  silenceOf,
  type UpstreamReply,
  type UpstreamRequest,
} from './exchange.ts';
import { connectHttp2 } from './secure.ts';

/** Connections to upstreams that only support HTTP/2. All requests to an upstream share one. */
export class Http2Connections {
  readonly #proxies: Proxies;
  readonly #sessions: Map<string, Promise<ClientHttp2Session>> = new Map();

  constructor(proxies: Proxies) {
    this.#proxies = proxies;
  }

  async send({
    url,
    method,
    headers,
    body,
    signal,
    onSent,
  }: UpstreamRequest): Promise<UpstreamReply> {
    const session = await this.#session(url);
    const path = `${url.pathname}${url.search}`;
    onSent();
    const stream = session.request(
      { ...headers, ':method': method, ':path': path },
      { signal, endStream: body === null },
    );
    stream.setTimeout(SILENCE_MS, () => stream.destroy(new SilenceError('the upstream is silent')));
    if (Buffer.isBuffer(body)) stream.end(body);
    else body?.pipe(stream);
    const reply = await new Promise<IncomingHttpHeaders & { readonly ':status'?: number }>(
      (resolve, reject) => {
        stream.once('response', resolve);
        stream.once('close', () => reject(new Error('the upstream closed the stream')));
        // Keep this listener: later errors also show on the stream.
        stream.on('error', reject);
      },
    );
    stream.setTimeout(silenceOf(reply));
    return {
      status: reply[':status'] ?? 0,
      headers: reply,
      body: stream,
      // A stream that was reset ends like a complete one.
      isComplete: () => !stream.aborted && stream.rstCode === 0,
    };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) (await session.catch(() => undefined))?.close();
  }

  #session(url: URL): Promise<ClientHttp2Session> {
    const known = this.#sessions.get(url.origin);
    if (known !== undefined) return known;
    const opening = this.#open(url);
    this.#sessions.set(url.origin, opening);
    const forget = () => {
      if (this.#sessions.get(url.origin) === opening) this.#sessions.delete(url.origin);
    };
    opening.then((session) => {
      // Open requests on the session can still finish.
      for (const event of ['goaway', 'timeout', 'close']) session.once(event, forget);
    }, forget);
    return opening;
  }

  async #open(url: URL): Promise<ClientHttp2Session> {
    const socket = await connectHttp2(this.#proxies, url);
    const session = connect(url.origin, { createConnection: () => socket });
    await once(session, 'connect');
    session.on('error', () => {});
    session.setTimeout(IDLE_MS, () => session.close());
    return session;
  }
}
