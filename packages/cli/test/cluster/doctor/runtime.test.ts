import { expect, test } from '@jest/globals';
import { isOld } from '../../../src/cluster/doctor/runtime.ts';

test.each([
  ['containerd://1.6.20~ds1', true],
  ['containerd://2.0.5', true],
  ['containerd://2.1.5', true],
  ['containerd://2.2.0', false],
  ['containerd://v2.2.1', false],
  ['cri-o://1.32.3', true],
  ['cri-o://1.33.0', false],
  ['docker://27.0.1', false],
  ['', false],
])('volumes of the type image with %s: too old is %s', (version, old) => {
  expect(isOld(version)).toBe(old);
});
