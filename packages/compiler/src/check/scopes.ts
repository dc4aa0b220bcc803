import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';
import { agentsOf } from './agents.ts';

/** Scopes name parts of the repository, and leave their agent something to change. */
export function checkScopes(team: AgentTeam): readonly Problem[] {
  return agentsOf(team).flatMap(({ agent, path }): readonly Problem[] => {
    const { includePaths = [], excludePaths = [] } = agent.scope ?? {};
    const lists = { includePaths, excludePaths };
    const wrong = Object.entries(lists).flatMap(([key, list]) =>
      list.flatMap((text, index) => checkPath(text, [...path, 'scope', key, index])),
    );
    if (wrong.length > 0 || !isEmpty(includePaths, excludePaths)) return wrong;
    return [
      {
        code: 'bad-scope',
        path: [...path, 'scope', 'excludePaths'],
        message: 'everything that includePaths names is excluded again, so nothing may be changed',
        hint: 'remove a path from excludePaths',
      },
    ];
  });
}

function checkPath(text: string, path: Problem['path']): readonly Problem[] {
  const problem = (message: string, hint: string) => [{ code: 'bad-scope', path, message, hint }];
  const parts = text.split('/');
  if (text.trim() === '') return problem('a scope needs a path', 'for example src/api/');
  if (parts.includes('..')) {
    const hint = 'name a path from the root of the repository, for example src/api/';
    return problem(`\`${text}\` leads out of the repository`, hint);
  }
  if (parts.some((part) => part.toLowerCase() === '.git')) {
    return problem(`\`${text}\` is git's own`, 'no agent may change it; remove it');
  }
  if (text.includes('\\')) {
    return problem(`\`${text}\` has a backslash`, 'write directories with /, as in src/api/');
  }
  if (text.includes('*')) {
    const hint = `it is the beginning of a path, not a pattern: \`${text.replace(/[^/]*\*.*$/, '') || 'src/'}\``;
    return problem(`\`${text}\` matches no file`, hint);
  }
  return [];
}

/** Whether each path that is included lies in one that is excluded. */
function isEmpty(included: readonly string[], excluded: readonly string[]): boolean {
  const all = included.length === 0 ? [''] : included;
  return (
    excluded.length > 0 &&
    all.every((path) => excluded.some((other) => covers(normal(other), normal(path))))
  );
}

/** As the runner's rules read a path: a directory ends with a slash, or may do without. */
function normal(path: string): string {
  return path
    .replace(/^(\.?\/)+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/^\.$/, '');
}

function covers(directory: string, path: string): boolean {
  return directory === '' || path === directory || path.startsWith(directory.replace(/\/?$/, '/'));
}
