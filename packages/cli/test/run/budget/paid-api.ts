import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Token counts by the field names of the API. */
type Usage = Readonly<Record<string, number>>;

/** The usage that the API has reported for a reply. */
export interface Bill {
  /** `request-id` of the reply. */
  readonly id: string;
  readonly model: string;
  readonly usage: Usage;
}

/** An API that requires a key and records the usage that it reports. */
export interface PaidApi {
  readonly url: string;
  readonly bills: () => readonly Bill[];
  /** Number of requests without the key. */
  readonly unauthorized: () => number;
  close(): void;
}

/** @param port of the rehearsal that makes the replies. */
export async function startPaidApi(port: number, key: string): Promise<PaidApi> {
  const replies: Reply[] = [];
  let unauthorized = 0;
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers['x-api-key'] === key) return forward(port, incoming, outgoing, replies);
    unauthorized += 1;
    incoming.resume();
    outgoing.writeHead(401, { 'content-type': 'application/json' });
    outgoing.end('{"type":"error","error":{"type":"authentication_error","message":"no key"}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bills: () => replies.map(billOf),
    unauthorized: () => unauthorized,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Reply {
  readonly id: string;
  /** The part that has been sent. */
  text: string;
}

function forward(
  port: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  replies: Reply[],
): void {
  const { method, url: path, headers } = incoming;
  const forwarded = request({ host: '127.0.0.1', port, method, path, headers }, (from) => {
    const reply = { id: `req_${replies.length}`, text: '' };
    if (from.statusCode === 200 && path?.includes('/v1/messages?')) replies.push(reply);
    outgoing.writeHead(from.statusCode ?? 502, { ...from.headers, 'request-id': reply.id });
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      // A client that has disconnected is not charged for the rest.
      if (outgoing.destroyed) return;
      reply.text += chunk;
      outgoing.write(chunk);
    });
    from.on('end', () => outgoing.end());
  });
  forwarded.on('error', () => outgoing.destroy());
  outgoing.on('close', () => forwarded.destroy());
  incoming.pipe(forwarded);
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
