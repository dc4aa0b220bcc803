import type { TokenCounts } from '@agentteam/contract';
import type { StopReason } from '../script/script.ts';
import type { ModelReply, ReportedUsage } from './reply.ts';

/** The usage in the format of the API. */
export function usageJson({ webSearches, iterations, ...counts }: ReportedUsage): object {
  return {
    ...tokensJson(counts),
    ...(webSearches === undefined
      ? {}
      : { server_tool_use: { web_search_requests: webSearches, web_fetch_requests: 0 } }),
    ...(iterations === undefined
      ? {}
      : {
          iterations: [
            { type: 'message', ...tokensJson(counts) },
            ...iterations.map(({ type, model, ...more }) => ({
              type,
              ...(model !== undefined && { model }),
              ...tokensJson({ ...NO_TOKENS, ...more }),
            })),
          ],
        }),
    service_tier: 'standard',
  };
}

const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

function tokensJson(counts: TokenCounts): object {
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
  };
}

export function stopReasonOf({ content, stopReason }: ModelReply): StopReason {
  if (stopReason !== undefined) return stopReason;
  return content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

/** The reply to a request that does not stream. */
export function messageJson(reply: ModelReply, model: string): object {
  return {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model,
    content: reply.content,
    stop_reason: stopReasonOf(reply),
    stop_sequence: null,
    usage: usageJson(reply.usage),
  };
}
