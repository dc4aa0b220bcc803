/**
 * The 64-bit FNV-1a hash of a text's UTF-16 code units, in hexadecimal. It tells texts apart and does not
 * resist deliberate collisions.
 */
export function digest(text: string): string {
  // Two halves of 32 bits, in integers: a compilation digests all prompts, and bigints took half of its time.
  let high = 0xcbf29ce4 | 0;
  let low = 0x84222325 | 0;
  for (let i = 0; i < text.length; i += 1) {
    low ^= text.charCodeAt(i);
    // The prime is 2^40 + 0x1b3. The upper half of a product is summed from its 16-bit parts.
    const lower = (low & 0xffff) * 0x1b3;
    const upper = (low >>> 16) * 0x1b3 + (lower >>> 16);
    high = (Math.imul(high, 0x1b3) + (upper >>> 16) + (low << 8)) | 0;
    low = Math.imul(low, 0x1b3);
  }
  return hex(high) + hex(low);
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}
