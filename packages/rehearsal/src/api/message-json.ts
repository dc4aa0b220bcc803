import type { TokenCounts } from '@agentteam/contract';
import type { ModelReply } from './reply.ts';

/** Usage in the API's words. */
export function usageJson(counts: TokenCounts): object {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = counts;
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite5m,
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
    output_tokens: output,
    service_tier: 'standard',
  };
}

export function stopReason({ content }: ModelReply): 'tool_use' | 'end_turn' {
  return content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

/** The reply as one document, for a request that does not stream. */
export function messageJson(reply: ModelReply, model: string): object {
  return {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model,
    content: reply.content,
    stop_reason: stopReason(reply),
    stop_sequence: null,
    usage: usageJson(reply.usage),
  };
}
