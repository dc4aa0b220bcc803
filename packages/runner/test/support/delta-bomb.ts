import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const BLOB = 3;
/** An object that is described as a change of another one. */
const REF_DELTA = 7;
/** Copies 0xffffff bytes from the beginning of the other object (gitformat-pack, "Instruction to copy"). */
const COPY = Buffer.from([0x80 | 0x10 | 0x20 | 0x40, 0xff, 0xff, 0xff]);

/**
 * A pack of some kilobytes with an object of many gigabytes: copies of another one.
 * @param copies of 16 MiB each.
 */
export function deltaBomb(copies: number): Buffer {
  const base = Buffer.alloc(1 << 24);
  const id = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest();
  const delta = Buffer.concat([
    sizeOf(base.length),
    sizeOf(0xffffff * copies),
    ...Array.from({ length: copies }, () => COPY),
  ]);
  const pack = Buffer.concat([
    Buffer.from('PACK'),
    Buffer.from([0, 0, 0, 2, 0, 0, 0, 2]),
    header(BLOB, base.length),
    deflateSync(base),
    header(REF_DELTA, delta.length),
    id,
    deflateSync(delta),
  ]);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

/** Seven bits in each byte, the lowest first. */
function sizeOf(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function header(type: number, size: number): Buffer {
  const first = (type << 4) | (size & 15);
  const rest = Math.floor(size / 16);
  if (rest === 0) return Buffer.from([first]);
  return Buffer.concat([Buffer.from([first | 128]), sizeOf(rest)]);
}
