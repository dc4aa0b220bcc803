import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isSupportedWhen, resolveWhen, whenHolds } from '../../src/expressions/when.ts';

const hash = createHash('sha256').update('the proof').digest('hex');
const when = (value: string) =>
  `{{=sprig.sha256sum(tasks['Approve-deliver']?.outputs?.parameters?.proof ?? '') == '${value}'}}`;
const holds = (proof: string | undefined) =>
  whenHolds(
    resolveWhen(when(hash), (name) =>
      name === 'tasks.Approve-deliver.outputs.parameters.proof' ? proof : 'of another output',
    ),
  );

// Argo 4.1.2 gave the same results for this table (ReplaceStrictAny in util/template).
test.each([
  ['the proof', true],
  ['', false],
  [undefined, false],
  ["' == '' || true || '", false],
  ['{{=true}}', false],
  [hash, false],
])('a step behind a restricted gate starts only with the right proof: %j', (proof, starts) => {
  expect(isSupportedWhen(when(hash))).toBe(true);
  expect(holds(proof)).toBe(starts);
});

test.each(['{{=true}}', when('short'), `${when(hash)} || true == true`])(
  'any other expression is refused before the run starts: %s',
  (text) => {
    expect(isSupportedWhen(text)).toBe(false);
  },
);
