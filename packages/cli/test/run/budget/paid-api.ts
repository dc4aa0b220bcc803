import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Tokens in the API's own words. */
type Usage = Readonly<Record<string, number>>;

/** A reply that the API charges for: what it has reported of it so far. */
export interface Bill {
  /** `request-id` of the reply. */
  readonly id: string;
  readonly model: string;
  readonly usage: Usage;
}

/** An API that asks for its key, as the real one does, and keeps what it reported in each reply. */
export interface PaidApi {
  readonly url: string;
  readonly bills: () => readonly Bill[];
  /** Requests that came without the key. */
  readonly turnedAway: () => number;
  close(): void;
}

/** @param behind port of a rehearsal, which decides the replies. */
export async function startPaidApi(behind: number, key: string): Promise<PaidApi> {
  const replies: Reply[] = [];
  let turnedAway = 0;
  const server = createServer((asked, answer) => {
    if (asked.headers['x-api-key'] === key) return passOn(behind, asked, answer, replies);
    turnedAway += 1;
    asked.resume();
    answer.writeHead(401, { 'content-type': 'application/json' });
    answer.end('{"type":"error","error":{"type":"authentication_error","message":"no key"}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bills: () => replies.map(billOf),
    turnedAway: () => turnedAway,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Reply {
  readonly id: string;
  /** What has been sent of it. */
  text: string;
}

function passOn(
  port: number,
  asked: IncomingMessage,
  answer: ServerResponse,
  replies: Reply[],
): void {
  const { method, url: path, headers } = asked;
  const onwards = request({ host: '127.0.0.1', port, method, path, headers }, (from) => {
    const reply = { id: `req_${replies.length}`, text: '' };
    if (from.statusCode === 200 && path?.includes('/v1/messages?')) replies.push(reply);
    answer.writeHead(from.statusCode ?? 502, { ...from.headers, 'request-id': reply.id });
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      // Whoever has hung up is told nothing more, and pays for nothing more.
      if (answer.destroyed) return;
      reply.text += chunk;
      answer.write(chunk);
    });
    from.on('end', () => answer.end());
  });
  onwards.on('error', () => answer.destroy());
  answer.on('close', () => onwards.destroy());
  asked.pipe(onwards);
}

interface Event {
  readonly model?: string;
  readonly usage?: Usage;
  readonly message?: { readonly model: string; readonly usage: Usage };
}

function billOf({ id, text }: Reply): Bill {
  const documents = text.startsWith('{') ? [text] : text.match(/(?<=^data: ).*$/gm);
  const events = (documents ?? []).map((line) => JSON.parse(line) as Event);
  const first = events.find(({ message, model }) => message ?? model);
  const usage = Object.assign({}, first?.message?.usage, ...events.map((event) => event.usage));
  return { id, model: first?.message?.model ?? first?.model ?? '', usage };
}
