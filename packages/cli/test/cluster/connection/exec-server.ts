import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import type { Connection } from '../../../src/cluster/connection/connection.ts';

export const [STDIN, STDOUT, STATUS] = [0, 1, 3];

/** A message of the protocol of `exec` (v4.channel.k8s.io), as a binary WebSocket frame of a server. */
export function frame(channel: number, content: Buffer | string): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(content)]);
  const head = Buffer.alloc(10);
  head[0] = 0x82;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** Reads the frames of a client, which are masked. @param onMessage gets the channel and the content. */
export function readFrames(
  socket: Duplex,
  onMessage: (channel: number, content: Buffer) => void,
): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const short = (bytes[1] ?? 0) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < start + 4) return;
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(2)
            : Number(bytes.readBigUInt64BE(2));
      const end = start + 4 + length;
      if (bytes.length < end) return;
      const mask = bytes.subarray(start, start + 4);
      const content = bytes
        .subarray(start + 4, end)
        .map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      const isBinary = ((bytes[0] ?? 0) & 0x0f) === 2;
      bytes = bytes.subarray(end);
      if (isBinary) onMessage(content[0] ?? 0, Buffer.from(content.subarray(1)));
    }
  });
}

/**
 * An API server whose containers do what a test says.
 * @param run gets the connection of each `exec`, and its path.
 * @param answer answers other requests.
 */
export async function serveExec(
  run: (socket: Duplex, path: string) => void,
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    response.writeHead(403).end(),
): Promise<{ readonly server: Server; readonly connection: Connection }> {
  const server = createServer(answer);
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    const protocol = String(request.headers['sec-websocket-protocol']).split(',')[0];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.on('end', () => socket.end()).resume();
    run(socket, request.url ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u' });
  return { server, connection: { config, server: url, namespace: 'dev' } };
}
