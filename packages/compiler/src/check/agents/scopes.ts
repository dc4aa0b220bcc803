import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { agentsOf } from '../agents.ts';

/** Checks that scopes name paths in the repository and leave the agent something to change. */
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
        message: 'excludePaths covers all of includePaths, so the agent could change nothing',
        hint: 'remove a path from excludePaths',
      },
    ];
  });
}

function checkPath(text: string, path: Problem['path']): readonly Problem[] {
  const problem = (message: string, hint: string) => [{ code: 'bad-scope', path, message, hint }];
  const parts = text.split('/');
  if (text.trim() === '') return problem('the path is empty', 'for example: src/api/');
  if (parts.includes('..')) {
    const hint = 'use a path relative to the root of the repository, for example src/api/';
    return problem(`\`${text}\` leads outside the repository`, hint);
  }
  if (parts.some((part) => part.toLowerCase() === '.git')) {
    return problem(`\`${text}\` belongs to git, and no agent may change it`, 'remove this path');
  }
  if (text.includes('\\')) {
    return problem(`\`${text}\` contains a backslash`, 'separate directories with /: src/api/');
  }
  if (text.includes('*')) {
    const beginning = text.slice(0, text.lastIndexOf('/', text.indexOf('*')) + 1) || 'src/';
    const hint = `use the path's beginning: \`${beginning}\``;
    return problem(
      `\`${text}\` matches no file, because scopes are path prefixes, not patterns`,
      hint,
    );
  }
  return [];
}

/** Whether every included path is inside an excluded one. */
function isEmpty(included: readonly string[], excluded: readonly string[]): boolean {
  const all = included.length === 0 ? [''] : included;
  return (
    excluded.length > 0 &&
    all.every((path) => excluded.some((other) => covers(normal(other), normal(path))))
  );
}

/** Normalises a path as the runner does: `./src//api` is `src/api`, and `.` is the whole repository. */
function normal(path: string): string {
  return path
    .replace(/^(\.?\/)+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/^\.$/, '');
}

function covers(directory: string, path: string): boolean {
  return directory === '' || path === directory || path.startsWith(directory.replace(/\/?$/, '/'));
}
