import { expect, test } from '@jest/globals';
import { readFailures } from '../../src/finish/failures.ts';

const FAILURES = [
  {
    displayName: 'a',
    message: 'main: Error (exit code 1): "},{" {{=1+1}} \\ é\n',
    finishedAt: '1',
  },
  { displayName: 'b', message: 'Step exceeded its deadline', finishedAt: null },
];
const quoted = (json: string) => `"${json.replaceAll(/["\\]/g, '\\$&')}"`;
const read = (text: string) => readFailures(Buffer.from(text).toString('base64'));

test('failures are read from Go’s quoting, whatever agents wrote', () => {
  expect(read(quoted(JSON.stringify(FAILURES)))).toEqual(FAILURES);
});

test('characters that Go escapes as unprintable are read too', () => {
  expect(read('"[{\\"message\\":\\"\\U000e0001 \\u00ad \\\\u0007\\"}]"')).toEqual([
    { message: '\u{e0001} \u00ad \u0007' },
  ]);
});

test('the complete entries of a cut-off list are read', () => {
  const text = quoted(JSON.stringify([...FAILURES, ...FAILURES]));
  const third = text.lastIndexOf('exit code');
  expect(read(text.slice(0, third))).toEqual(FAILURES);
  expect(read(text.slice(0, -1))).toHaveLength(4);
  for (const length of Array(text.length).keys()) {
    expect(read(text.slice(0, length)).length).toBeLessThanOrEqual(4);
  }
});

test.each(['', 'null', '"null"', '"[{\\x7f'])('%j contains no failure', (text) => {
  expect(read(text)).toEqual([]);
});
