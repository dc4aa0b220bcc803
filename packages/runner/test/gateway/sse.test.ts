import { describe, expect, test } from '@jest/globals';
import { StreamMeter } from '../../src/gateway/usage/stream-meter.ts';
import { closing, event, opening } from './scripted-api.ts';

const USAGE = { input_tokens: 100, output_tokens: 50 };
const STREAM = opening('claude-opus-5-5', USAGE, 'hello') + closing(USAGE);

/** @param size size of the pieces into which the stream is cut. */
function read(text: string, size = text.length) {
  const meter = new StreamMeter();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) meter.push(bytes.subarray(at, at + size));
  meter.end();
  return meter.reply;
}

const WHOLE = { usage: { input: 100, output: 50 }, model: 'claude-opus-5-5', complete: true };

describe('an event stream is read according to the standard', () => {
  test.each<[string, string]>([
    ['as the API sends it', STREAM],
    ['lines that end in CR and LF', STREAM.replaceAll('\n', '\r\n')],
    ['lines that end in CR', STREAM.replaceAll('\n', '\r')],
    ['a byte order mark', `\uFEFF${STREAM}`],
    [
      'comments and unknown fields',
      STREAM.replaceAll('event:', ': a comment\nid: 7\nretry\nevent:'),
    ],
    ['no space after the colon', STREAM.replaceAll('data: ', 'data:')],
    ['no event names', STREAM.replace(/^event: .*\n/gm, '')],
    ['misleading event names', STREAM.replace(/^event: .*$/gm, 'event: content_block_delta')],
    [
      'data on several lines',
      STREAM.replace(
        /^data: (.*)$/gm,
        (_, data: string) =>
          `data: ${JSON.stringify(JSON.parse(data), null, 1).replaceAll('\n', '\ndata: ')}`,
      ),
    ],
    ['garbage between the events', STREAM.replaceAll('\n\n', '\n\ndata: {not json\n\n')],
  ])('%s', (_, text) => {
    for (const size of [1, 2, 7, 1000]) expect(read(text, size)).toMatchObject(WHOLE);
  });
});

test.each([
  ['later reports are larger', [10, 50]],
  ['later reports are smaller', [50, 10]],
  ['a report comes twice', [50, 50]],
])('the maximum of several reports counts: %s', (_, outputs) => {
  const reports = outputs.map((output_tokens) =>
    event('message_delta', { delta: {}, usage: { output_tokens } }),
  );
  const text =
    opening('claude-opus-5-5', USAGE, 'x') + reports.join('') + event('message_stop', {});
  expect(read(text)).toMatchObject(WHOLE);
});

test.each([
  ['an error after some text', event('error', { error: { type: 'overloaded_error' } })],
  ['an end without the last event', ''],
  ['an incomplete last event', event('message_stop', {}).slice(0, -1)],
])('%s does not end a reply', (_, end) => {
  expect(read(opening('claude-opus-5-5', USAGE, 'x') + end).complete).toBe(false);
});

test('an event that is too large is noted as skipped, unless it is content', () => {
  const giant = 'x'.repeat(3 * 1024 * 1024);
  const text = (delta: string) => opening('claude-opus-5-5', USAGE, 'x') + delta + closing(USAGE);
  const content = event('content_block_delta', { delta: { type: 'text_delta', text: giant } });
  expect(read(text(content), 1000)).toMatchObject({ ...WHOLE, skipped: false });
  const report = event('message_delta', { usage: { output_tokens: 9, note: giant } });
  expect(read(text(report), 1000)).toMatchObject({ skipped: true });
  const lines = `data: {"type":"message_delta",\n${`data: "a": "${'x'.repeat(1000)}",\n`.repeat(2000)}\n`;
  expect(read(text(lines), 1000)).toMatchObject({ skipped: true });
});
