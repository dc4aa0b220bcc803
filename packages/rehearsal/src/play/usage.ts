import type { ReportedUsage } from '../api/reply.ts';
import type { Turn } from '../script/script.ts';

/** Approximate size of the CLI's system prompt and tools, which every request reads from the cache. */
const PROMPT_TOKENS = 14_000;
/** Growth of a conversation per turn. */
const GROWTH_TOKENS = 700;
const CHARACTERS_PER_TOKEN = 4;

/** The usage of a turn. Without `usage` in the script, it is estimated from the turn's length. */
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
