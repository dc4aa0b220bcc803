import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => Promise<void> | void;

/** A Messages API on loopback that gives scripted answers. */
export class ScriptedApi {
  readonly seen: SeenRequest[] = [];
  answer: Answer = reply({});
  /** Answers the preflight request, which is not recorded. */
  preflight: Answer = models();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedApi> {
    const server = createServer((request, response) => void api.#handle(request, response));
    const api = new ScriptedApi(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
    if (method === 'GET' && url.endsWith('/v1/models?limit=1')) {
      await this.preflight(seen, response);
      return;
    }
    this.seen.push(seen);
    await this.answer(seen, response);
  }
}

export interface ReplyScript {
  readonly usage?: Record<string, unknown>;
  readonly text?: string;
  readonly model?: string;
  readonly headers?: Record<string, string>;
}

/** The API's list of models. */
export function models(): Answer {
  return (_, response) => {
    // Each first request of a test gets its own connection.
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    const data = [{ type: 'model', id: 'claude-opus-5-5', display_name: 'Opus' }];
    response.end(JSON.stringify({ data, has_more: true }));
  };
}

const USAGE = {
  input_tokens: 1000,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 100,
};

export function event(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** The first events of a stream, up to its first text. */
export function opening(model: string, usage: Record<string, unknown>, text: string): string {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return (
    event('message_start', { message }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
  );
}

export function closing(usage: Record<string, unknown>): string {
  return (
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
    event('message_stop', {})
  );
}

/** A complete reply, streamed if the request asks for that. */
export function reply(script: ReplyScript): Answer {
  return (request, response) => {
    const body = JSON.parse(request.body || '{}') as { model?: string; stream?: boolean };
    const model = script.model ?? body.model ?? 'claude-opus-5-5';
    const usage = { ...USAGE, ...script.usage };
    const text = script.text ?? 'ok';
    const headers = { 'request-id': 'req_1', ...script.headers };
    if (body.stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      response.end(opening(model, usage, text) + closing(usage));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    const content = [{ type: 'text', text }];
    response.end(JSON.stringify({ id: 'msg_1', type: 'message', model, content, usage }));
  };
}
