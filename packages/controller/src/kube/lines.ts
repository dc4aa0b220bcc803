const NEWLINE = 10;

/** A line that does not end. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/**
 * The lines of a stream of bytes, each as soon as it is whole; what follows the last newline is dropped.
 * @throws LineTooLong where one has more bytes than `most`.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  most: number,
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
    if (length > most) throw new LineTooLong(`a line has more than ${most} bytes`);
  }
}
