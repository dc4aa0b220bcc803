const NEWLINE = 10;

/** Thrown when a line exceeds the limit of its reader. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/**
 * Yields each complete line of a byte stream. Bytes after the last newline are dropped.
 * @throws LineTooLong when a line exceeds `maxBytes`.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const last = chunk.subarray(from, end);
      yield (rest.length === 0 ? last : Buffer.concat([...rest, last])).toString('utf8');
      rest = [];
      length = 0;
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxBytes) throw new LineTooLong(`a line has more than ${maxBytes} bytes`);
  }
}
