import type { Lead, Teammate } from '@agentteam/api';
import type { Scope } from '@agentteam/contract';

export function scopeOf({ scope }: Lead | Teammate): Scope {
  return { includePaths: scope?.includePaths ?? [], excludePaths: scope?.excludePaths ?? [] };
}
