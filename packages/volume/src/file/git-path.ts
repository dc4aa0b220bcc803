import { IGNORED_IN_NAMES } from '@agentteam/contract';

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
