import { expect, test } from '@jest/globals';
import { toolPath } from '../../src/pod/tool-path.ts';

const USER = '/home/me/.cargo/bin:/usr/local/go/bin:/usr/bin:bin:/opt/homebrew/bin';

test('a sandbox has the system directories of the user’s PATH, in the user’s order', () => {
  expect(toolPath(['/opt/node/bin'], USER, true)).toBe(
    '/opt/node/bin:/usr/local/go/bin:/usr/bin:/usr/local/bin:/bin',
  );
});

test('without a sandbox, the rest of the user’s PATH follows', () => {
  expect(toolPath([], USER, false)).toBe(
    '/usr/local/go/bin:/usr/bin:/usr/local/bin:/bin:/home/me/.cargo/bin:/opt/homebrew/bin',
  );
});

test('without a PATH, the system directories are used', () => {
  expect(toolPath([], '', true)).toBe('/usr/local/bin:/usr/bin:/bin');
});
