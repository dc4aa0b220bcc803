import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
/** Longest line that is parsed. A request with a long prompt has a few hundred kilobytes. */
const LONGEST_LINE_BYTES = 1_048_576; // 1 Mi
/** Longest line whose end is searched. A file without line ends can have any size and take no space. */
export const LONGEST_SKIPPED_BYTES: number = 268_435_456; // 256 Mi

export interface TranscriptLine {
  /** Absent for a line that is too long. */
  readonly text?: string;
  readonly bytes: number;
  /** Offset of the next line in the file, or inside a line that is too long. */
  readonly end: number;
}

/**
 * Reads the complete lines of a file that an agent may still be writing. If a line is too long and its end is not
 * there or not found, the next reading continues inside it.
 * @param from offset where an earlier reading ended.
 * @param most bytes that are read at most; a line that begins within them is read to its end, or up to
 *   {@link LONGEST_SKIPPED_BYTES}.
 */
export async function* readLines(
  file: FileHandle,
  from: number,
  most: number,
): AsyncGenerator<TranscriptLine, void, undefined> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let parts: Buffer[] = [];
  let length = 0;
  let start = from;
  for (let offset = from; start - from < most; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
    if (bytesRead === 0) {
      if (length > LONGEST_LINE_BYTES) yield { bytes: length, end: offset };
      return;
    }
    offset += bytesRead;
    let rest = Buffer.from(buffer.subarray(0, bytesRead));
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      length += end;
      const whole = length <= LONGEST_LINE_BYTES;
      const text = whole
        ? Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
        : undefined;
      start += length + 1;
      yield { bytes: length, end: start, ...(text !== undefined && { text }) };
      if (start - from >= most) return;
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    // What is too long is only counted.
    if (length <= LONGEST_LINE_BYTES) parts.push(rest);
    else {
      parts = [];
      if (length > LONGEST_SKIPPED_BYTES) {
        yield { bytes: length, end: offset };
        return;
      }
    }
  }
}
