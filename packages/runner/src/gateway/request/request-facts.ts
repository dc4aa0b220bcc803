import { startOf } from '@agentteam/text';
import { toolsOf } from './check-request.ts';
import { contentBlocks } from './content-blocks.ts';
import { type Fields, fieldsOf, listOf, messagesOf } from './parse-request.ts';

/** The properties of a request that determine what it can cost. */
export interface RequestFacts {
  readonly model?: string;
  readonly maxTokens: number;
  /** Number of messages in the conversation. */
  readonly messages: number;
  /** `fast` has a higher price. */
  readonly speed?: string;
  /** Required location of inference, which may have a higher price. */
  readonly geo?: string;
  /** Whether the account may choose that location, because the request names none. */
  readonly isPlaceOpen?: boolean;
  /** Whether a cloud answers in a chosen region or geography, which may have a higher price. */
  readonly isRegional?: boolean;
  /** Maximum number of tokens of the prompt. */
  readonly promptTokens: number;
  /** How the prompt may be written to the cache. */
  readonly cache: 'none' | '5m' | '1h';
  /** Maximum number of times that the model reads the prompt: tools that the API runs cause repetitions. */
  readonly passes: number;
  /** Maximum number of web searches. */
  readonly webSearches: number;
  /** Other models that may be asked for advice. */
  readonly advisors: readonly AdvisorFacts[];
  /** Whether the API may run code for the request. */
  readonly runsCode: boolean;
}

export interface AdvisorFacts {
  readonly model: string;
  readonly uses: number;
  readonly maxTokens: number;
}

/** The longest context of any model: the maximum for each pass. */
export const CONTEXT_TOKENS = 1_000_000;
/** Assumed uses of a tool without `max_uses`. */
const UNBOUNDED_USES = 25;
/** Assumed output of an advisor without `max_tokens`. */
const ADVISOR_TOKENS = 128_000;
/** Tokens that the API adds to a prompt, and to a request with tools. */
const FRAME_TOKENS = 100;
const TOOLS_TOKENS = 1000;
/**
 * Tokens that the API adds for a tool whose definition it has itself, such as `bash_20250124`. It documents 245 for
 * bash and 700 for the text editor; the bound has room for larger ones, such as for the use of a computer. Source:
 * https://platform.claude.com/docs/en/about-claude/pricing
 */
const KNOWN_TOOL_TOKENS = 2500;
/** Maximum for an image of any size. */
const IMAGE_TOKENS = 5000;

/** @param bytes the request as it is sent. A text never has more tokens than bytes. */
export function requestFacts(fields: Fields, bytes: Buffer): RequestFacts {
  const { model, max_tokens: maxTokens, speed, inference_geo: geo } = fields;
  const tools = toolsOf(fields).map(fieldsOf);
  const served = tools.filter(({ type }) => /^(?:web_|code_|tool_search_|mcp_)/.test(`${type}`));
  const compacts = listOf(fieldsOf(fields['context_management'])['edits']).some((edit) =>
    String(fieldsOf(edit)['type']).startsWith('compact'),
  );
  const runsCode =
    tools.some(({ type }) => String(type).startsWith('code_')) || isGiven(fields['container']);
  const advisors = tools
    .filter(({ type }) => String(type).startsWith('advisor'))
    .map((tool) => ({
      model: startOf(String(tool['model'] ?? ''), 200),
      uses: usesOf(tool),
      maxTokens: countOf(tool['max_tokens']) ?? ADVISOR_TOKENS,
    }));
  // Each use of a served tool or an advisor is followed by another pass.
  const uses = [...served, ...advisors.map(({ uses: max_uses }) => ({ max_uses }))].map(usesOf);
  const more = uses.reduce((sum, one) => sum + one, 0) + (compacts ? 1 : 0);
  const beyond =
    more > 0 || runsCode || isGiven(fields['mcp_servers']) || isGiven(fields['thread']);
  return {
    ...(typeof model === 'string' ? { model: startOf(model, 200) } : {}),
    maxTokens: typeof maxTokens === 'number' ? maxTokens : 0,
    messages: messagesOf(fields).length,
    ...(typeof speed === 'string' ? { speed: startOf(speed, 64) } : {}),
    ...(typeof geo === 'string' ? { geo: startOf(geo, 64) } : {}),
    promptTokens: beyond ? CONTEXT_TOKENS : promptTokens(fields, tools, bytes),
    cache: cacheOf(bytes),
    passes: 1 + Math.max(more, beyond ? 1 : 0),
    webSearches: tools
      .filter(({ type }) => String(type).startsWith('web_search'))
      .reduce((sum, tool) => sum + usesOf(tool), 0),
    advisors,
    runsCode,
  };
}

function promptTokens(fields: Fields, tools: readonly Fields[], bytes: Buffer): number {
  const blocks = contentBlocks(fields);
  // A small document can have many pages, and content behind a URL has no bytes in the request.
  if (blocks.some(isBeyondBytes)) return CONTEXT_TOKENS;
  const images = blocks.filter(({ type }) => type === 'image').length;
  const known = tools.filter(({ type }) => isGiven(type) && type !== 'custom').length;
  const frame = FRAME_TOKENS + (tools.length > 0 ? TOOLS_TOKENS : 0) + known * KNOWN_TOOL_TOKENS;
  return Math.min(CONTEXT_TOKENS, bytes.length + frame + images * IMAGE_TOKENS);
}

function isBeyondBytes({ type, source }: Fields): boolean {
  const kind = fieldsOf(source)['type'];
  if (type === 'image') return kind !== 'base64' && kind !== 'url';
  if (type === 'document') return kind !== 'text' && kind !== 'content';
  return type === 'container_upload' || type === 'mcp_tool_listing';
}

function cacheOf(bytes: Buffer): RequestFacts['cache'] {
  if (!bytes.includes('"cache_control":')) return 'none';
  return bytes.includes('"ttl":"1h"') || bytes.includes('"ttl":60') ? '1h' : '5m';
}

function usesOf({ max_uses: limit }: Fields): number {
  return countOf(limit) ?? UNBOUNDED_USES;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
