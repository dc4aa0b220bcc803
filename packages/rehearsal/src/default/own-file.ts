import type { Lead, Teammate } from '@agentteam/api';

/**
 * The path in the repository at which an agent may create a file of this name; undefined if its scope
 * has only single files.
 */
export function fileInScope(name: string, { scope }: Lead | Teammate): string | undefined {
  const { includePaths = [], excludePaths = [] } = scope ?? {};
  const directories = includePaths.length === 0 ? [''] : includePaths.filter(isDirectory);
  const files = directories.map((directory) => `${slashed(directory)}${name}`);
  return files.find((file) => !excludePaths.some((path) => file.startsWith(clean(path))));
}

/** A rule without a slash at its end may be a file or a directory. With an extension, it is a file. */
function isDirectory(rule: string): boolean {
  return rule.endsWith('/') || !/\.[A-Za-z0-9]+$/.test(rule);
}

function slashed(directory: string): string {
  const path = clean(directory);
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}

function clean(rule: string): string {
  return rule.replace(/^(\.?\/)+/, '').replace(/^\.$/, '');
}
