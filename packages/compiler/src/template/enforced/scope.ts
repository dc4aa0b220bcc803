import type { Bounded, Loose } from './bounds.ts';
import { isNarrower, type Scope } from './narrower.ts';

/**
 * Scopes hold for teammates with trees of their own, and as little as the lead's: it brings their work
 * together, and needs no path that none of them has.
 */
export function compareScope(bound: Bounded, team: Bounded): readonly Loose[] {
  const mates = bound.teammates ?? [];
  const found = mates.flatMap(({ name, scope }): readonly Loose[] => {
    const index = (team.teammates ?? []).findIndex((mate) => mate.name === name);
    const own = team.teammates?.[index]?.scope;
    if (index < 0 || isNarrower(own, [scope])) return [];
    const hint = `keep to ${includes(scope).join(', ')}`;
    return [{ path: ['teammates', index, 'scope'], message: `of ${name} is wider`, hint }];
  });
  const scopes = mates.map(({ scope }) => scope);
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
            message: 'is shared, where scopes hold less',
            hint: 'leave it out, or set per-teammate',
          },
        ]
      : [];
  return [...found, ...lead, ...shared];
}

export function includes(scope: Scope | undefined): readonly string[] {
  return scope?.includePaths ?? [];
}
