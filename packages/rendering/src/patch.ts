export interface PatchLine {
  readonly kind: 'added' | 'removed' | 'hunk' | 'same';
  readonly text: string;
}

/** The change of one file in a patch. */
export interface PatchFile {
  /** As the patch writes it, without `a/` and `b/`; empty for lines before the first file. */
  readonly path: string;
  readonly lines: readonly PatchLine[];
}

const KINDS: Readonly<Record<string, PatchLine['kind']>> = {
  '+': 'added',
  '-': 'removed',
  '@': 'hunk',
};
/** Lines of git between the name of a file and its first hunk that say nothing new to a reader. */
const HEADER = /^(?:index |--- |\+\+\+ |similarity index )/;

/**
 * The line with which git begins a file. With the flag `s`, the end always matches, so the time grows with the
 * length of a line, and not with its square.
 */
const FILE = /^diff --git "?a\/.* "?b\/(.*?)"?$/s;

/** Splits a patch of git into its files. An agent may have written it, so any text may occur. */
export function patchFiles(patch: string): readonly PatchFile[] {
  const files: { readonly path: string; readonly lines: PatchLine[] }[] = [];
  let isInHunk = false;
  for (const text of patch.replace(/\n$/, '').split('\n')) {
    const [, path] = FILE.exec(text) ?? [];
    if (path !== undefined) {
      files.push({ path, lines: [] });
      isInHunk = false;
      continue;
    }
    if (files.length === 0) files.push({ path: '', lines: [] });
    if (text.startsWith('@@')) isInHunk = true;
    if (!isInHunk && HEADER.test(text)) continue;
    const kind = isInHunk ? (KINDS[text.charAt(0)] ?? 'same') : 'same';
    files.at(-1)?.lines.push({ kind, text });
  }
  return files;
}
