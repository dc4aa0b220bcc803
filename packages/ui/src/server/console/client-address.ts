import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';

/**
 * The address from which a browser sends a request. An ingress adds the address that it sees to the end of
 * `X-Forwarded-For`; what stands before it may come from the browser itself.
 * @param ingresses whose word is believed.
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  ingresses: BlockList,
): string {
  const remote = socket.remoteAddress ?? '';
  const addresses = String(headers['x-forwarded-for'] ?? '').split(',');
  let from = remote;
  while (isIngress(from, ingresses)) {
    const next = addresses.pop()?.trim() ?? '';
    // Only the ingress could be counted for a browser whose address it does not say.
    if (isIP(next) === 0) return from;
    from = next;
  }
  return from;
}

/** Whether an address is one of the ingresses, whose word is believed. */
export function isIngress(address: string, ingresses: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && ingresses.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
