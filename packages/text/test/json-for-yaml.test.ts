import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { jsonForYaml } from '../src/index.ts';

/** The characters that YAML parsers accept: https://yaml.org/spec/1.2.2/#51-character-set */
const PRINTABLE = /^[\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

test('JSON that is read as YAML has the same value, whatever its texts contain', () => {
  const odd = fc.constantFrom(
    ...['\u0000', '\u007f', '\u0085', '\u2028', '\ufeff', '\uffff', '\u{e0001}', '🙂'],
  );
  const text = fc.string({ unit: fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 1 })) });
  fc.assert(
    fc.property(fc.dictionary(text, fc.array(text)), (value) => {
      const json = jsonForYaml(value);
      expect(JSON.parse(json)).toEqual(value);
      expect(parse(json)).toEqual(value);
      expect(json).toMatch(PRINTABLE);
      // A YAML parser in Go reads each escape as one character, so it cannot read a surrogate pair.
      expect(json.replaceAll('\\\\', '')).not.toMatch(/\\ud[89a-f]/i);
    }),
  );
});

test('an unpaired surrogate becomes the replacement character', () => {
  expect(jsonForYaml({ prompt: 'a\ud800b' })).toBe('{"prompt":"a\ufffdb"}');
  expect(jsonForYaml({ 'key\udfff': '\\ud800 \\\udc00' })).toBe(
    '{"key\ufffd":"\\\\ud800 \\\\\ufffd"}',
  );
});
