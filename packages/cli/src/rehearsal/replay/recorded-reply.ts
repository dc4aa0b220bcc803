import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenCounts } from '@agentteam/contract';
import type { ErrorReply, ModelReply, Reply } from '@agentteam/rehearsal';
import type { RecordingMeta } from '@agentteam/volume';

export type ReplyBlock = ModelReply['content'][number];

export interface Recorded {
  readonly meta: RecordingMeta;
  readonly reply: Reply;
}

/** @throws SyntaxError when the file is not part of a recording. */
export async function readRecorded(directory: string, metaFile: string): Promise<Recorded> {
  const meta = JSON.parse(await readFile(join(directory, metaFile), 'utf8')) as RecordingMeta;
  const body = await readFile(join(directory, meta.body), 'utf8');
  if (meta.status >= 400) return { meta, reply: errorReply(meta, body) };
  const reply = meta.body.endsWith('.sse') ? fromStream(body) : fromMessage(body);
  return { meta, reply };
}

function errorReply({ status, headers }: RecordingMeta, body: string): ErrorReply {
  const { error = {} } = parse(body) as { readonly error?: { type?: string; message?: string } };
  return {
    kind: 'error',
    status,
    headers,
    type: error.type ?? 'api_error',
    message: error.message ?? 'recorded without a message',
  };
}

interface ApiUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_read_input_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  readonly cache_creation?: {
    readonly ephemeral_5m_input_tokens?: number;
    readonly ephemeral_1h_input_tokens?: number;
  };
}

/** An event of a streamed reply: docs.anthropic.com/en/api/messages-streaming. */
interface StreamEvent {
  readonly type?: string;
  readonly index?: number;
  readonly message?: { readonly id?: string; readonly usage?: ApiUsage };
  readonly content_block?: {
    readonly type?: string;
    readonly id?: string;
    readonly name?: string;
    readonly text?: string;
  };
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
  readonly usage?: ApiUsage;
}

interface OpenBlock {
  readonly start: NonNullable<StreamEvent['content_block']>;
  text: string;
}

/** Reads a streamed reply. Of a reply that was interrupted, it reads the part that was recorded. */
function fromStream(body: string): ModelReply {
  const blocks = new Map<number, OpenBlock>();
  let id = '';
  let usage: ApiUsage = {};
  for (const line of body.split('\n')) {
    if (!line.startsWith('data:')) continue;
    const event = parse(line.slice('data:'.length)) as StreamEvent;
    id = event.message?.id ?? id;
    usage = { ...usage, ...event.message?.usage, ...event.usage };
    const { index, content_block: start, delta } = event;
    if (index === undefined) continue;
    if (start !== undefined) blocks.set(index, { start, text: start.text ?? '' });
    const open = blocks.get(index);
    if (open !== undefined) open.text += delta?.text ?? delta?.partial_json ?? '';
  }
  return modelReply(id, [...blocks.values()].flatMap(toBlock), usage);
}

/** Keeps text and tool calls. Other blocks, such as thinking, have no effect in a rehearsal. */
function toBlock({ start, text }: OpenBlock): readonly ReplyBlock[] {
  const { type, id = '', name = '' } = start;
  if (type === 'text') return [{ type, text }];
  return type === 'tool_use' ? [{ type, id, name, input: parse(text) }] : [];
}

function fromMessage(body: string): ModelReply {
  const { id, content, usage } = parse(body) as {
    readonly id?: string;
    readonly content?: readonly ReplyBlock[];
    readonly usage?: ApiUsage;
  };
  const known = (content ?? []).filter(({ type }) => type === 'text' || type === 'tool_use');
  return modelReply(id ?? '', known, usage ?? {});
}

function modelReply(id: string, content: readonly ReplyBlock[], usage: ApiUsage): ModelReply {
  return { kind: 'model', id, content, usage: countsOf(usage), delayMs: 0 };
}

function countsOf(usage: ApiUsage): TokenCounts {
  const { cache_creation: written } = usage;
  return {
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite5m: written?.ephemeral_5m_input_tokens ?? usage.cache_creation_input_tokens ?? 0,
    cacheWrite1h: written?.ephemeral_1h_input_tokens ?? 0,
  };
}

/** Parses an event. An incomplete event becomes an empty object. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}
