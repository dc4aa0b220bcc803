import { FIGURES } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  askFor,
  FiguresError,
  isAskedBy,
  isProofOf,
  openAnswer,
  proofOf,
  sealAnswer,
} from '../src/index.ts';

const KEY = 'k'.repeat(43);
const OF = { namespace: 'reports', team: 'q3', run: 'uid-1' };
const OTHERS = [
  { ...OF, namespace: 'report', team: 'sq3' },
  { ...OF, team: 'q4' },
  { ...OF, run: 'uid-2' },
];

test('a question is recognised only with the key', () => {
  const { nonce, headers } = askFor(KEY, OF, 'writer');
  expect(isAskedBy(KEY, OF, 'writer', headers)).toBe(nonce);
  expect(JSON.stringify(headers)).not.toContain(KEY);
  expect(isAskedBy('x'.repeat(43), OF, 'writer', headers)).toBeUndefined();
  expect(isAskedBy(KEY, OF, 'editor', headers)).toBeUndefined();
  for (const other of OTHERS) expect(isAskedBy(KEY, other, 'writer', headers)).toBeUndefined();
});

test.each([
  ['none', {}],
  ['two of each', { [FIGURES.nonceHeader]: ['a', 'b'], [FIGURES.proofHeader]: ['a', 'b'] }],
  ['no proof', { [FIGURES.nonceHeader]: 'a'.repeat(43) }],
  ['half a proof', { [FIGURES.nonceHeader]: 'a'.repeat(43), [FIGURES.proofHeader]: 'ab' }],
  ['text', { [FIGURES.nonceHeader]: 'a'.repeat(43), [FIGURES.proofHeader]: 'zz'.repeat(32) }],
  ['a long nonce', { ...askFor(KEY, OF, 'a').headers, [FIGURES.nonceHeader]: 'a'.repeat(9000) }],
])('headers with %s are not a question', (_, headers) => {
  expect(isAskedBy(KEY, OF, 'a', headers)).toBeUndefined();
});

test('an answer opens only for its own question', () => {
  const text = '{"usd":"1.00","report":"ünïcode"}';
  const sealed = sealAnswer(KEY, OF, 'lead', 'nonce', text);
  expect(openAnswer(KEY, OF, 'lead', 'nonce', sealed)).toBe(text);
  expect(sealed.toString('latin1')).not.toContain('usd');
  const attempts = [
    () => openAnswer(KEY, OF, 'lead', 'another', sealed),
    () => openAnswer(KEY, OF, 'writer', 'nonce', sealed),
    () => openAnswer('x'.repeat(43), OF, 'lead', 'nonce', sealed),
    ...OTHERS.map((other) => () => openAnswer(KEY, other, 'lead', 'nonce', sealed)),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(FiguresError);
});

test('a changed answer does not open', () => {
  const sealed = sealAnswer(KEY, OF, 'lead', 'nonce', '{"usd":"1.00"}');
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ by;
      expect(() => openAnswer(KEY, OF, 'lead', 'nonce', changed)).toThrow(FiguresError);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const answer = Buffer.from(bytes);
      expect(() => openAnswer(KEY, OF, 'lead', 'nonce', answer)).toThrow(FiguresError);
    }),
  );
});

test('totals are proven for one run and one text', () => {
  const proof = proofOf(KEY, OF, '{"usd":"1.00"}');
  expect(isProofOf(KEY, OF, '{"usd":"1.00"}', proof)).toBe(true);
  expect(isProofOf(KEY, OF, '{"usd":"9.00"}', proof)).toBe(false);
  expect(isProofOf('x'.repeat(43), OF, '{"usd":"1.00"}', proof)).toBe(false);
  for (const other of OTHERS) expect(isProofOf(KEY, other, '{"usd":"1.00"}', proof)).toBe(false);
  for (const wrong of ['', 'zz', proof.slice(2)]) {
    expect(isProofOf(KEY, OF, '{"usd":"1.00"}', wrong)).toBe(false);
  }
});
