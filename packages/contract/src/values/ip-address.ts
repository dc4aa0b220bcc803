const HEXTET = /^[0-9a-f]{1,4}$/i;
const DOTTED = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;

/**
 * Parses an IPv6 address, which has many spellings: `::1`, `0:0::1` and `::0.0.0.1` are the same.
 * @returns its eight numbers; undefined if the text is no such address.
 */
export function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const left = numbers(before);
  const right = numbers(after);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  const isComplete = halves.length === 2 ? missing > 0 : missing === 0;
  return isComplete ? [...left, ...Array<number>(missing).fill(0), ...right] : undefined;
}

function numbers(parts: readonly string[]): readonly number[] | undefined {
  const found: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (HEXTET.test(part)) found.push(Number.parseInt(part, 16));
    else if (index === parts.length - 1 && DOTTED.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      if ([a, b, c, d].some((byte) => byte > 255)) return undefined;
      found.push(a * 256 + b, c * 256 + d);
    } else return undefined;
  }
  return found;
}

/** The IPv4 address that an IPv6 address stands for: mapped (`::ffff:a.b.c.d`) or by NAT64 (`64:ff9b::a.b.c.d`). */
export function embeddedIpv4(address: readonly number[]): string | undefined {
  const [high = 0, low = 0] = address.slice(6);
  const prefix = address
    .slice(0, 6)
    .map((part) => part.toString(16))
    .join(':');
  if (prefix !== '0:0:0:0:0:ffff' && prefix !== '64:ff9b:0:0:0:0') return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The IPv4 address that an IPv6 address stands for: DNS64 gives public hosts such addresses. Others stay as they are. */
export function plainAddress(address: string): string {
  const parts = parseIpv6(address);
  return (parts && embeddedIpv4(parts)) ?? address;
}
