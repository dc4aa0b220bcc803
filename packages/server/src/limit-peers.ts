import type { Server, Socket } from 'node:net';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
/** Processes of the same machine or pod, whatever addresses they use. */
const OWN = 'own';

export interface PeerLimits {
  /** Connections of one peer. */
  readonly each: number;
  /** Connections of all peers. One more ends the oldest one of the peer that has most. */
  readonly all: number;
  /** Whether a peer, such as an ingress, stands for many, so that neither limit is applied to it. */
  readonly isTrusted?: (peer: string) => boolean;
}

/**
 * Limits the connections of each peer, so that some of them, such as the agent in a gateway's own pod or the pods of
 * a team, cannot keep the others from connecting.
 */
export function limitPeers(
  server: Server,
  { each, all, isTrusted = () => false }: PeerLimits,
): void {
  /** By peer, the oldest first. */
  const open = new Map<string, Set<Socket>>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    if (isTrusted(peer)) return;
    const own = open.get(peer) ?? new Set();
    if (own.size >= each) {
      socket.destroy();
      return;
    }
    open.set(peer, own.add(socket));
    count += 1;
    socket.once('close', () => {
      count -= 1;
      own.delete(socket);
      if (own.size === 0) open.delete(peer);
    });
    if (count <= all) return;
    const [most] = [...open.values()].sort((a, b) => b.size - a.size);
    const [oldest] = most ?? [];
    oldest?.destroy();
  });
}

export function peerOf({
  remoteAddress = '',
  localAddress,
}: Pick<Socket, 'remoteAddress' | 'localAddress'>): string {
  return LOOPBACK.test(remoteAddress) || remoteAddress === localAddress ? OWN : remoteAddress;
}
