import { foldPath, type Scope } from '@agentteam/contract';
import { isGitPath } from '@agentteam/volume';

/**
 * Whether a scope lets an agent change a path.
 *
 * A rule is a path from the repository's root: `src/api/` matches a directory, and `src/api` a file or
 * a directory. Include rules match exactly. Exclude rules also match names that some file systems
 * do not tell apart (`Secret/` and `secret/`).
 */
export function inScope(path: string, scope: Scope | undefined): boolean {
  if (scope === undefined) return true;
  const { includePaths, excludePaths } = scope;
  const folded = foldPath(path);
  if (excludePaths.some((rule) => covers(foldPath(rule), folded))) return false;
  return includePaths.length === 0 || includePaths.some((rule) => covers(rule, path));
}

function covers(rule: string, path: string): boolean {
  const clean = rule.replace(/^(\.?\/)+/, '').replace(/\/{2,}/g, '/');
  if (clean === '' || clean === '.') return true;
  return clean.endsWith('/')
    ? path.startsWith(clean)
    : path === clean || path.startsWith(`${clean}/`);
}

/**
 * Whether a symbolic link stays in the tree. `..` may only be at the start of its target: after a name
 * that is itself a link, it could lead anywhere.
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
