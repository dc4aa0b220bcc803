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
