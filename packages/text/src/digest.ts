/**
 * 64 bits of FNV-1a, in hexadecimal. The digest tells texts apart. It does not protect against a text that
 * someone made to collide with another.
 */
export function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
