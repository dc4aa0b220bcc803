import { expect, test } from '@jest/globals';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import * as fc from 'fast-check';
import { AwsStreamMeter } from '../../../src/gateway/usage/aws-stream-meter.ts';

const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

function frame(event: object, type = 'event'): Buffer {
  const text = (value: string) => ({ type: 'string', value }) as const;
  const body = Buffer.from(JSON.stringify(event));
  const headers = { ':message-type': text(type), ':event-type': text('chunk') };
  return Buffer.from(CODEC.encode({ headers, body }));
}

function chunk(event: object): Buffer {
  return frame({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' });
}

const START = {
  type: 'message_start',
  message: { model: 'claude-opus-5-5', usage: { input_tokens: 1000, output_tokens: 1 } },
};
const DELTA = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } };
const USAGE = { type: 'message_delta', delta: {}, usage: { output_tokens: 200 } };
const STOP = {
  type: 'message_stop',
  'amazon-bedrock-invocationMetrics': { inputTokenCount: 1000, outputTokenCount: 200 },
};
const STREAM = Buffer.concat([START, DELTA, USAGE, STOP].map(chunk));

function measured(...chunks: readonly Buffer[]): AwsStreamMeter['reply'] {
  const meter = new AwsStreamMeter();
  for (const one of chunks) meter.push(one);
  meter.end();
  return meter.reply;
}

test('a stream that arrives in any pieces has the same usage', () => {
  const positions = fc.array(fc.nat(STREAM.length), { maxLength: 20 });
  fc.assert(
    fc.property(positions, (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      const pieces = edges.slice(1).map((end, index) => STREAM.subarray(edges[index], end));
      const reply = measured(...pieces);
      expect(reply).toMatchObject({ model: 'claude-opus-5-5', complete: true, skipped: false });
      expect(reply.usage).toMatchObject({ input: 1000, output: 200 });
    }),
  );
});

test('a broken message makes the usage unknown', () => {
  const usage = chunk(USAGE);
  usage[usage.length - 10] = (usage[usage.length - 10] ?? 0) ^ 1;
  expect(measured(chunk(START), usage, chunk(STOP))).toMatchObject({ skipped: true });
});

test.each([
  ['a length below the minimum', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])],
  ['a payload of another form', frame({ chunk: 'x' })],
])('%s makes the usage unknown', (_, broken) => {
  expect(measured(chunk(START), broken, chunk(STOP))).toMatchObject({ skipped: true });
});

test('a message over the limit is skipped, and the next one is read', () => {
  const large = chunk({ ...DELTA, delta: { type: 'text_delta', text: 'x'.repeat(2_000_000) } });
  const reply = measured(chunk(START), large, chunk(USAGE), chunk(STOP));
  expect(reply).toMatchObject({ skipped: true, complete: true });
  expect(reply.usage).toMatchObject({ input: 1000, output: 200 });
});

test('an error in the stream leaves the reply incomplete', () => {
  const error = frame({ message: 'Too many requests' }, 'exception');
  expect(measured(chunk(START), error)).toMatchObject({ complete: false, skipped: false });
});
