/** Characters that HFS+ ignores in names, so that `.g\u200cit` is `.git` there. */
export const IGNORED_IN_NAMES: RegExp = /[\u200b-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Two paths that some file systems do not tell apart, such as `Secret/` and `secret/`, have the same folded path. */
export function foldPath(path: string): string {
  return path.normalize('NFC').replace(IGNORED_IN_NAMES, '').toLowerCase();
}
