import { isRecord, readTime } from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import { parseJson } from '@agentteam/volume';

/**
 * `mail`: messages of other agents. `system`: messages of the runner and of Claude Code, and notes of the
 * reader about what it left out.
 */
export type TranscriptKind = 'text' | 'thinking' | 'tool-use' | 'tool-result' | 'mail' | 'system';

/** A part of an agent's conversation. */
export interface TranscriptEntry {
  readonly at: string;
  readonly kind: TranscriptKind;
  /** Shortened if it is long. For `tool-use`, the input as JSON. */
  readonly text: string;
  /** Of `tool-use`: the name of the tool. */
  readonly tool?: string;
  /** Of `tool-use` and `tool-result`: what the two have in common. */
  readonly toolUseId?: string;
  readonly isError?: boolean;
}

const LONGEST_TEXT = 32_768;
const LONGEST_NAME = 256;
const MOST_PARTS = 256;

/** The other lines of a transcript are Claude Code's own records, some of which are long. */
const HAS_CONVERSATION = /"type":"(?:user|assistant|queued_command)"/;

/** Reads a line of a transcript of Claude Code 2.1.330. An agent can write its transcript itself. */
export function entriesOf(line: string): readonly TranscriptEntry[] {
  if (!HAS_CONVERSATION.test(line)) return [];
  const value = parseJson(line);
  if (!isRecord(value) || value['isSidechain'] === true) return [];
  const at = readTime(value['timestamp']);
  if (at === undefined) return [];
  const { type, message, attachment, isMeta } = value;
  if (type === 'attachment' && isRecord(attachment) && attachment['type'] === 'queued_command') {
    return textsOf(attachment['prompt']).map((text) => received(at, text));
  }
  if ((type !== 'user' && type !== 'assistant') || !isRecord(message)) return [];
  const { content } = message;
  if (typeof content === 'string') {
    return [type === 'user' ? received(at, content) : entry(at, 'text', content)];
  }
  if (!Array.isArray(content)) return [];
  return content.slice(0, MOST_PARTS).flatMap((part: unknown) => {
    if (!isRecord(part)) return [];
    return partEntries(at, part, type === 'user', isMeta === true);
  });
}

function partEntries(
  at: string,
  part: Readonly<Record<string, unknown>>,
  isUser: boolean,
  isMeta: boolean,
): readonly TranscriptEntry[] {
  switch (part['type']) {
    case 'text': {
      const text = String(part['text']);
      if (isMeta) return [entry(at, 'system', text)];
      return [isUser ? received(at, text) : entry(at, 'text', text)];
    }
    case 'thinking':
      return part['thinking'] ? [entry(at, 'thinking', String(part['thinking']))] : [];
    case 'tool_use':
      return [
        {
          ...entry(at, 'tool-use', JSON.stringify(part['input'] ?? {})),
          tool: String(part['name']).slice(0, LONGEST_NAME),
          toolUseId: String(part['id']).slice(0, LONGEST_NAME),
        },
      ];
    case 'tool_result':
      return [
        {
          ...entry(at, 'tool-result', textsOf(part['content']).join('\n')),
          toolUseId: String(part['tool_use_id']).slice(0, LONGEST_NAME),
          ...(part['is_error'] === true && { isError: true }),
        },
      ];
    default:
      return [];
  }
}

function received(at: string, text: string): TranscriptEntry {
  return entry(at, text.startsWith('<teammate-message') ? 'mail' : 'system', text);
}

function entry(at: string, kind: TranscriptKind, text: string): TranscriptEntry {
  return { at, kind, text: cutText(text, LONGEST_TEXT) };
}

/** The texts in a content, which is text or a list of parts. */
function textsOf(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content
    .slice(0, MOST_PARTS)
    .map((part: unknown) =>
      isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '(not text)',
    );
}
