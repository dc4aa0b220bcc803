/** Characters that HFS+ ignores in names, so that `.g\u200cit` is `.git` there. */
export const IGNORED_IN_NAMES: RegExp = /[\u200b-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** File systems ignore dots and spaces at the end of a name, and what follows a colon. */
const GIT_NAME = /^(?:\.git|git~1)[. ]*(?::|$)/;

/** Whether a path could, on some file system, be inside `.git` or outside the tree. */
export function isGitPath(path: string): boolean {
  return path.split('/').some((component) => {
    if (component === '' || component === '.' || component === '..') return true;
    const name = component.replace(IGNORED_IN_NAMES, '').toLowerCase();
    return GIT_NAME.test(name) || component.includes('\\');
  });
}
