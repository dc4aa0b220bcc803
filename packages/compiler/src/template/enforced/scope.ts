import type { Bounded, Loose } from './bounds.ts';
import { isNarrower, type Scope } from './narrower.ts';

/**
 * Compares the scopes of the teammates, and the lead's with all of theirs: the lead merges their work and needs
 * no path that no teammate has. Scopes are enforced fully only where each teammate has its own worktree.
 */
export function compareScope(bound: Bounded, team: Bounded): readonly Loose[] {
  const teammates = bound.teammates ?? [];
  const found = teammates.flatMap(({ name, scope }): readonly Loose[] => {
    const index = (team.teammates ?? []).findIndex((teammate) => teammate.name === name);
    const own = team.teammates?.[index]?.scope;
    if (index < 0 || isNarrower(own, [scope])) return [];
    const hint = `use only paths below ${includes(scope).join(', ')}`;
    return [{ path: ['teammates', index, 'scope'], message: `of ${name} is wider`, hint }];
  });
  const scopes = teammates.map(({ scope }) => scope);
  const lead: readonly Loose[] = isNarrower(team.lead?.scope, scopes)
    ? []
    : [
        {
          path: ['lead', 'scope'],
          message: team.lead?.scope === undefined ? 'is not set' : 'is wider',
          hint: `set includePaths to some of: ${scopes.flatMap(includes).join(', ')}`,
        },
      ];
  const shared: readonly Loose[] =
    team.repository?.worktreeStrategy === 'shared'
      ? [
          {
            path: ['repository', 'worktreeStrategy'],
            message: 'is shared, which weakens scopes',
            hint: 'remove it, or set per-teammate',
          },
        ]
      : [];
  return [...found, ...lead, ...shared];
}

export function includes(scope: Scope | undefined): readonly string[] {
  return scope?.includePaths ?? [];
}
