import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineTooLong, linesOf } from '../../src/kube/lines.ts';

async function linesIn(chunks: readonly Buffer[], maxBytes = 1 << 20): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(stream(chunks), maxBytes)) lines.push(line);
  return lines;
}

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

test('yields complete lines wherever the stream is split, even within a character', async () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
  const property = fc.asyncProperty(
    fc.array(line),
    fc.array(fc.nat({ max: 40 })),
    async (lines, sizes) => {
      let rest = Buffer.from(lines.map((one) => `${one}\n`).join(''));
      const chunks = sizes.map((size) => {
        const chunk = rest.subarray(0, size);
        rest = rest.subarray(size);
        return chunk;
      });
      expect(await linesIn([...chunks, rest])).toEqual(lines);
    },
  );
  await fc.assert(property);
});

test('drops an incomplete last line', async () => {
  expect(await linesIn([Buffer.from('{"a":1}\n{"b"')])).toEqual(['{"a":1}']);
});

test('refuses a line that is too long', async () => {
  const chunks = Array.from({ length: 20 }, () => Buffer.alloc(100, 'x'));
  await expect(linesIn(chunks, 1000)).rejects.toThrow(LineTooLong);
  const lines = Array.from({ length: 20 }, () => Buffer.from(`${'x'.repeat(99)}\n`));
  expect(await linesIn(lines, 1000)).toHaveLength(20);
});
