import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests read fields of any kind
  readonly body: any;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Sends what a browser at the page sends, with any headers; fetch would refuse some of them. */
export class BrowserRequests {
  readonly origin: string;
  readonly #tls: object;
  /** The cookie and the CSRF token of a session. */
  session: Readonly<Record<string, string>> = {};

  /** @param tls options of the connection, with which it uses TLS. */
  constructor(port: number, tls?: object) {
    this.origin = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`;
    this.#tls = tls ?? {};
  }

  async open(path: string, headers: Headers = {}, body?: unknown): Promise<IncomingMessage> {
    const send = this.origin.startsWith('https:') ? secureRequest : request;
    const sent = send(`${this.origin}${path}`, {
      ...this.#tls,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...this.session,
        ...(body !== undefined && { origin: this.origin, 'content-type': 'application/json' }),
        ...(headers as Record<string, string>),
      },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }

  get(path: string, headers: Headers = {}): Promise<Reply> {
    return this.#reply(path, headers);
  }

  post(path: string, body: unknown, headers: Headers = {}): Promise<Reply> {
    return this.#reply(path, headers, body);
  }

  /** Logs in, and keeps the session as a browser does. */
  async logIn(token: string): Promise<Reply> {
    const reply = await this.post('/api/login', { token });
    const [cookie = ''] = reply.headers['set-cookie'] ?? [];
    if (reply.status === 200) {
      this.session = { cookie: cookie.split(';')[0] ?? '', 'x-agentteam-csrf': reply.body.csrf };
    }
    return reply;
  }

  async #reply(path: string, headers: Headers, body?: unknown): Promise<Reply> {
    const response = await this.open(path, headers, body);
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
  }
}

/** The states that an event stream sends, one after another. */
export async function* statesOf(stream: IncomingMessage): AsyncGenerator<Reply['body']> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, data] = /^event: state\ndata: (.*)$/.exec(block) ?? [];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
