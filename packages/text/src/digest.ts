/**
 * The 64-bit FNV-1a hash of a text's UTF-16 code units, in hexadecimal. It tells texts apart and does not
 * resist deliberate collisions.
 */
export function digest(text: string): string {
  // Two halves of 32 bits: prompts have many kilobytes, and a bigint took half of a compilation.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i += 1) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // The prime is 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return hex(high) + hex(low);
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
