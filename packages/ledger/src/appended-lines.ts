import type { FileHandle } from 'node:fs/promises';

/** How far a growing file has been read. */
export interface ReadPosition {
  offset: number;
  /** The bytes of the last line, which is not complete yet. */
  rest: Buffer;
}

const CHUNK_BYTES = 64 * 1024;

export function startOfFile(): ReadPosition {
  return { offset: 0, rest: Buffer.alloc(0) };
}

/**
 * Reads the complete lines after a position, in batches, and moves the position.
 * @param maxLineBytes a longer line is cut into pieces, so that it cannot fill the memory.
 */
export async function* readAppendedLines(
  file: FileHandle,
  position: ReadPosition,
  maxLineBytes: number,
): AsyncGenerator<readonly string[], void, undefined> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position.offset);
    if (bytesRead === 0) return;
    position.offset += bytesRead;
    const data = Buffer.concat([position.rest, buffer.subarray(0, bytesRead)]);
    const end = data.lastIndexOf(0x0a) + 1 || (data.length > maxLineBytes ? data.length + 1 : 0);
    position.rest = Buffer.from(data.subarray(end));
    if (end > 0) yield data.toString('utf8', 0, end - 1).split('\n');
  }
}
