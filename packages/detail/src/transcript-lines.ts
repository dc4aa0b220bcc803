import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
/** Longest line that is parsed. A request with a long prompt has a few hundred kilobytes. */
const LONGEST_LINE_BYTES = 1_048_576; // 1 Mi

export interface TranscriptLine {
  /** Absent for a line that is too long. */
  readonly text?: string;
  readonly bytes: number;
  /** Offset of the next line in the file. */
  readonly end: number;
}

/**
 * Reads the complete lines of a file that an agent may still be writing.
 * @param from offset of a line.
 * @param most bytes that are read at most; a line that begins within them is read to its end.
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
    if (bytesRead === 0) return;
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
    else parts = [];
  }
}
