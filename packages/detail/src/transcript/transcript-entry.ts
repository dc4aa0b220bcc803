import { isRecord, parseJson, readTime } from '@agentteam/contract';
import { cutText, startOf } from '@agentteam/text';
import { readMessageParts } from '@agentteam/volume';
import { patchOf } from './tool-patch.ts';

/**
 * `mail`: a message of another agent. `person`: a message of a person. `system`: messages of the runner and
 * of Claude Code, and notes of the reader about what it left out. An agent can write all of them itself.
 */
export type TranscriptKind =
  | 'text'
  | 'thinking'
  | 'tool-use'
  | 'tool-result'
  | 'mail'
  | 'person'
  | 'system';

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
  /** Of `mail` and `person`: who sent the message. */
  readonly from?: string;
  /** Of `tool-result`: the change that the tool made to a file, as hunks of a patch. */
  readonly patch?: string;
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
    return textsOf(attachment['prompt']).flatMap((text) => received(at, text));
  }
  if ((type !== 'user' && type !== 'assistant') || !isRecord(message)) return [];
  const { content } = message;
  if (typeof content === 'string') {
    return type === 'user' ? received(at, content) : [entry(at, 'text', content)];
  }
  if (!Array.isArray(content)) return [];
  const patch = patchOf(value['toolUseResult']);
  return content.slice(0, MOST_PARTS).flatMap((part: unknown) => {
    if (!isRecord(part)) return [];
    const entries = partEntries(at, part, type === 'user', isMeta === true);
    if (patch === undefined) return entries;
    return entries.map((one) => (one.kind === 'tool-result' ? { ...one, patch } : one));
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
      const text = textIn(part, 'text');
      if (isMeta) return [entry(at, 'system', text)];
      return isUser ? received(at, text) : [entry(at, 'text', text)];
    }
    case 'thinking':
      return part['thinking'] ? [entry(at, 'thinking', textIn(part, 'thinking'))] : [];
    case 'tool_use':
      return [
        {
          ...entry(at, 'tool-use', JSON.stringify(part['input'] ?? {})),
          tool: startOf(textIn(part, 'name'), LONGEST_NAME),
          toolUseId: startOf(textIn(part, 'id'), LONGEST_NAME),
        },
      ];
    case 'tool_result':
      return [
        {
          ...entry(at, 'tool-result', textsOf(part['content']).join('\n')),
          toolUseId: startOf(textIn(part, 'tool_use_id'), LONGEST_NAME),
          ...(part['is_error'] === true && { isError: true }),
        },
      ];
    default:
      return [];
  }
}

/** `String` would throw for `{"toString": null}`, and the agent's whole transcript could not be read. */
function textIn(part: Readonly<Record<string, unknown>>, field: string): string {
  const value = part[field];
  return typeof value === 'string' ? value : '';
}

function received(at: string, text: string): readonly TranscriptEntry[] {
  return readMessageParts(text).map(({ kind, from, text: part }) => ({
    ...entry(at, kind === 'other' ? 'system' : kind, part),
    ...(from !== undefined && { from: shortName(from) }),
  }));
}

function shortName(name: string): string {
  return cutText(name, LONGEST_NAME);
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
