import type { Condition } from '@agentteam/api';
import { dated } from '@agentteam/status';

/** A condition before it has its time. */
export type Fresh = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * Conditions with some of them replaced: those that did not change keep their times.
 * @param at since when the new ones hold, ISO 8601.
 */
export function withConditions(
  object: {
    readonly metadata: { readonly generation?: number };
    readonly status?: { readonly conditions?: readonly Condition[] };
  },
  others: readonly Condition[] | undefined,
  at: string,
  fresh: readonly Fresh[],
): Condition[] {
  const types = new Set(fresh.map(({ type }) => type));
  const previous = object.status?.conditions ?? [];
  const kept = (others ?? []).filter(({ type }) => !types.has(type));
  const { generation } = object.metadata;
  return [...kept, ...fresh.map((condition) => dated(condition, previous, at, generation))];
}
