import type { Scope } from '@agentteam/contract';

/** Characters that HFS+ ignores in names, so that `.g\u200cit` is `.git` there. */
const IGNORED = /[\u200b-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Whether a scope lets an agent change a path.
 *
 * A rule is a path from the repository's root: `src/api/` is that directory, `src/x.ts` that file,
 * `src/api` either. Rules that include are taken by the letter; rules that exclude also hold for
 * names that only some file systems tell apart (`Secret/`, `secret/`).
 */
export function inScope(path: string, scope: Scope | undefined): boolean {
  if (scope === undefined) return true;
  const { includePaths, excludePaths } = scope;
  const folded = fold(path);
  if (excludePaths.some((rule) => covers(fold(rule), folded))) return false;
  return includePaths.length === 0 || includePaths.some((rule) => covers(rule, path));
}

function covers(rule: string, path: string): boolean {
  const clean = rule.replace(/^(\.?\/)+/, '').replace(/\/{2,}/g, '/');
  if (clean === '' || clean === '.') return true;
  return clean.endsWith('/')
    ? path.startsWith(clean)
    : path === clean || path.startsWith(`${clean}/`);
}

function fold(path: string): string {
  return path.normalize('NFC').replace(IGNORED, '').toLowerCase();
}

/** Whether a path could, on some file system, be in a repository's own `.git`, or leave the tree. */
export function isGitPath(path: string): boolean {
  return path.split('/').some((component) => {
    const name = component
      .replace(IGNORED, '')
      .toLowerCase()
      .replace(/[. ]+$|:.*$/g, '');
    if (component === '' || component === '.' || component === '..') return true;
    return name === '.git' || name === 'git~1' || component.includes('\\');
  });
}

/**
 * Whether a symbolic link stays in the tree whatever its way there consists of: `..` may stand at
 * the beginning alone, for behind a name that is a link itself it would lead anywhere.
 */
export function staysInTree(link: string, target: string): boolean {
  if (target.startsWith('/') || target.includes('\\') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.findIndex((part) => part !== '..');
  const down = ups === -1 ? [] : parts.slice(ups);
  const depth = link.split('/').length - 1;
  if ((ups === -1 ? parts.length : ups) > depth) return false;
  return !down.includes('..') && !(down.length > 0 && isGitPath(down.join('/')));
}
