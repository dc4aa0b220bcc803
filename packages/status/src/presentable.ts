import { isRecord, plainText } from '@agentteam/contract';

const LONGEST_TEXT = 4096;
/** Longest list in a status. */
const MOST_ITEMS = 32;

/**
 * Prepares a value for a status. Its texts may come from agents and from anyone who may patch a Workflow, so
 * their control characters are removed, and long texts and lists are shortened.
 */
export function presentable<T>(value: T): T {
  if (typeof value === 'string') return plainText(value, LONGEST_TEXT) as T;
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(presentable) as T;
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, presentable(field)]),
  ) as T;
}
