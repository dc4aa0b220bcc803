import { isRecord, plainText } from '@agentteam/contract';

const LONGEST_TEXT = 4096;
/** No list of a status may hold more. */
const MOST_ITEMS = 32;

/**
 * A value as a status may show it: texts come from agents, from people and from whoever may patch a
 * Workflow, so they lose control characters and end somewhere, and so do lists.
 */
export function presentable<T>(value: T): T {
  if (typeof value === 'string') return plainText(value, LONGEST_TEXT) as T;
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(presentable) as T;
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, presentable(field)]),
  ) as T;
}
