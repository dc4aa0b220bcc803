import type { Server, Socket } from 'node:net';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
/** Processes of the same machine or pod, whatever addresses they use. */
const OWN = 'own';

/**
 * Limits the connections of each peer, so that one of them, such as the agent in a gateway's own pod, cannot keep
 * the others from connecting.
 * @param isTrusted whether a peer, such as an ingress, stands for many and has no limit of its own.
 */
export function limitPeers(
  server: Server,
  most: number,
  isTrusted: (peer: string) => boolean = () => false,
): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    if (isTrusted(peer)) return;
    const count = (open.get(peer) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(peer, count);
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left === 0) open.delete(peer);
      else open.set(peer, left);
    });
  });
}

export function peerOf({
  remoteAddress = '',
  localAddress,
}: Pick<Socket, 'remoteAddress' | 'localAddress'>): string {
  return LOOPBACK.test(remoteAddress) || remoteAddress === localAddress ? OWN : remoteAddress;
}
