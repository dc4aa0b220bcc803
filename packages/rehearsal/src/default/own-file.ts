import type { Lead, Teammate } from '@agentteam/api';

/**
 * Where in the repository an agent may write a new file of this name; undefined where its scope is
 * single files.
 */
export function fileInScope(name: string, { scope }: Lead | Teammate): string | undefined {
  const { includePaths = [], excludePaths = [] } = scope ?? {};
  const directories = includePaths.length === 0 ? [''] : includePaths.filter(isDirectory);
  const files = directories.map((directory) => `${slashed(directory)}${name}`);
  return files.find((file) => !excludePaths.some((path) => file.startsWith(clean(path))));
}

/** Without a slash at its end a rule may mean either: a name with an extension is a file's. */
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
