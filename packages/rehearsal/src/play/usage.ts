import type { ReportedUsage } from '../api/reply.ts';
import type { Turn } from '../script/script.ts';

/** About the CLI's own system prompt and tools, which every request reads from the cache. */
const PROMPT_TOKENS = 14_000;
/** By how much a conversation grows from turn to turn. */
const GROWTH_TOKENS = 700;
const CHARACTERS_PER_TOKEN = 4;

/**
 * What a turn without `usage` costs: like a real one of its length, and the same wherever and
 * whenever it is played.
 */
export function usageOf(turn: Turn, index: number): ReportedUsage {
  const written = JSON.stringify([turn.text ?? '', turn.tools ?? []]).length;
  return {
    input: 6,
    output: 10 + Math.ceil(written / CHARACTERS_PER_TOKEN),
    cacheRead: PROMPT_TOKENS + index * GROWTH_TOKENS,
    cacheWrite5m: GROWTH_TOKENS,
    cacheWrite1h: 0,
    ...turn.usage,
  };
}
