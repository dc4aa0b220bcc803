import type { Condition } from '@agentteam/api';
import { dated } from '@agentteam/status';

/** A condition without its transition time. */
export type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * Adds conditions to others, and replaces those of the same type. A condition whose status has not
 * changed keeps its transition time.
 * @param at the transition time of conditions that have changed, ISO 8601.
 */
export function withConditions(
  object: {
    readonly metadata: { readonly generation?: number };
    readonly status?: { readonly conditions?: readonly Condition[] };
  },
  others: readonly Condition[] | undefined,
  at: string,
  added: readonly NewCondition[],
): Condition[] {
  const types = new Set(added.map(({ type }) => type));
  const previous = object.status?.conditions ?? [];
  const kept = (others ?? []).filter(({ type }) => !types.has(type));
  const { generation } = object.metadata;
  return [...kept, ...added.map((condition) => dated(condition, previous, at, generation))];
}
