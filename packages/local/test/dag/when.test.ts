import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isSupportedWhen, resolveWhen, whenHolds } from '../../src/dag/when.ts';

const hash = createHash('sha256').update('the proof').digest('hex');
const when = (value: string) =>
  `{{=sprig.sha256sum(tasks['Approve-deliver']?.outputs?.parameters?.proof ?? '') == '${value}'}}`;
const holds = (proof: string | undefined) =>
  whenHolds(
    resolveWhen(when(hash), (name) =>
      name === 'tasks.Approve-deliver.outputs.parameters.proof' ? proof : 'never asked for',
    ),
  );

// The same table was evaluated by Argo 4.1.2 itself (ReplaceStrictAny in its util/template).
test.each([
  ['the proof', true],
  ['', false],
  [undefined, false],
  ["' == '' || true || '", false],
  ['{{=true}}', false],
  [hash, false],
])('what stands behind a gate of approvers begins with the proof alone: %j', (proof, begins) => {
  expect(isSupportedWhen(when(hash))).toBe(true);
  expect(holds(proof)).toBe(begins);
});

test.each(['{{=true}}', when('short'), `${when(hash)} || true == true`])(
  'another expression is refused before the run begins: %s',
  (text) => {
    expect(isSupportedWhen(text)).toBe(false);
  },
);
