import { expect, test } from '@jest/globals';
import { patchFiles } from '../src/index.ts';

test('a patch is split into its files, without lines that say nothing new', () => {
  const patch = `diff --git a/a.js b/a.js
index 1..2 100644
--- a/a.js
+++ b/a.js
@@ -1,2 +1,2 @@
 same
---removed
+++added
diff --git a/b.js b/b.js
new file mode 100644
`;
  expect(patchFiles(patch)).toEqual([
    {
      path: 'a.js',
      lines: [
        { kind: 'hunk', text: '@@ -1,2 +1,2 @@' },
        { kind: 'same', text: ' same' },
        { kind: 'removed', text: '---removed' },
        { kind: 'added', text: '+++added' },
      ],
    },
    { path: 'b.js', lines: [{ kind: 'same', text: 'new file mode 100644' }] },
  ]);
});

test('a line of megabytes that only resembles the beginning of a file is read at once', () => {
  // With the square of the length, this would take hours.
  const line = `diff --git a/${' b/'.repeat(1_000_000)}\r`;
  expect(patchFiles(line)).toEqual([{ path: '\r', lines: [] }]);
});
