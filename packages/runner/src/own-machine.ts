/**
 * Whether a host of a URL is this machine, without asking a name server.
 * @param hostname as {@link URL} gives it: in lower case, with addresses in their shortest form.
 */
export function isOwnMachine(hostname: string): boolean {
  // RFC 6761, and curl, reserve names below `localhost` for loopback. Linux connects 0.0.0.0 and :: to loopback.
  return /^(([\w-]+\.)*localhost\.?|(0|127)(\.[0-9]+){3}|\[::1?\]|\[::ffff:(0|7f[0-9a-f]{2}):[0-9a-f]+\])$/.test(
    hostname,
  );
}
