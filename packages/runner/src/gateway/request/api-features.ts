/**
 * Features of the Messages API that the gateway allows; an installation can add others. The lists have
 * the features that the pinned Claude Code (2.1.330) uses and whose cost the API reports in `usage`. They
 * do not have features whose cost is not in the reply (code execution, server-side conversation memory),
 * or that access URLs which a NetworkPolicy may block (web fetch, MCP, images and documents by their URL).
 */
const BETAS = [
  'claude-code-20250219',
  'oauth-2025-04-20',
  'interleaved-thinking-2025-05-14',
  'context-management-2025-06-27',
  'context-1m-2025-08-07',
  'per-turn-control-2026-07-01',
  'mid-conversation-system-2026-04-07',
  'mid-conversation-system-clear-at-2026-08-21',
  'mid-conversation-tool-changes-2026-07-01',
  'mid-conversation-output-config-2026-07-01',
  'thinking-token-count-2026-05-13',
  'thinking-display-updates-2026-08-18',
  'thinking-binding-controls-2026-08-01',
  'thinking-resumption-2026-07-17',
  'redact-thinking-2026-02-12',
  'effort-2025-11-24',
  'task-budgets-2026-03-13',
  'advanced-tool-use-2025-11-20',
  'tool-search-tool-2025-10-19',
  'structured-outputs-2025-11-13',
  'structured-outputs-2025-12-15',
  'extended-cache-ttl-2025-04-11',
  'prompt-caching-2024-07-31',
  'prompt-caching-scope-2026-01-05',
  'prompt-caching-evict-2026-05-12',
  'cache-diagnosis-2026-04-07',
  'fast-mode-2026-02-01',
  'web-search-2025-03-05',
  'advisor-tool-2026-03-01',
  'compact-2026-01-12',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'fine-grained-tool-streaming-2025-05-14',
  'output-128k-2025-02-19',
  'output-300k-2026-03-24',
  'model-context-window-exceeded-2025-08-26',
  'pdfs-2024-09-25',
];

/** Tools that the API runs. */
const SERVER_TOOLS = [
  'web_search_20250305',
  'advisor_20260301',
  'tool_search_tool_regex',
  'tool_search_tool_regex_20251119',
  'tool_search_tool_bm25',
  'tool_search_tool_bm25_20251119',
];
/** Tools that the agent runs. */
const CLIENT_TOOL = /^(?:custom|(?:bash|text_editor|computer|memory|computer_toolset)_[0-9]{8})$/;

const FIELDS = [
  'model',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
  'context_management',
  'diagnostics',
  'inference_geo',
  'service_tier',
  'speed',
];

/**
 * Fields that change the billing or the conversation. A request with one of them is refused, because
 * omitting the field would change its meaning. Other unknown fields are omitted.
 */
const REFUSED_FIELDS = [
  'billing_policy',
  'compaction',
  'container',
  'fallback_credit_token',
  'fallbacks',
  'mcp_servers',
  'n',
  'thread',
];
const EDITS = ['clear_thinking_20251015', 'clear_tool_uses_20250919', 'compact_20260112'];
/** Where images and documents come from. The API fetches those of the source `url`. */
const SOURCES = ['base64', 'text', 'content'];

export interface ApiFeatures {
  readonly beta: (name: string) => boolean;
  readonly tool: (type: string) => boolean;
  readonly edit: (type: string) => boolean;
  readonly source: (type: string) => boolean;
  readonly field: (name: string) => 'send' | 'refuse' | 'omit';
}

/** @param more names of betas, tool types, edits, sources and fields that the installation adds. */
export function apiFeatures(more: readonly string[]): ApiFeatures {
  const [betas, tools, edits, sources, fields] = [BETAS, SERVER_TOOLS, EDITS, SOURCES, FIELDS].map(
    (names) => new Set([...names, ...more]),
  );
  return {
    beta: (name) => betas?.has(name) ?? false,
    tool: (type) => CLIENT_TOOL.test(type) || (tools?.has(type) ?? false),
    edit: (type) => edits?.has(type) ?? false,
    source: (type) => sources?.has(type) ?? false,
    field: (name) => {
      if (fields?.has(name)) return 'send';
      return REFUSED_FIELDS.includes(name) ? 'refuse' : 'omit';
    },
  };
}
