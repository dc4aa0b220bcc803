import type { TokenCounts } from '@agentteam/contract';
import { messageJson, stopReasonOf, usageJson } from './message-json.ts';
import type { ModelReply, ReplyBlock } from './reply.ts';

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The events with which the API streams the reply. */
export function* streamEvents(reply: ModelReply, model: string): Generator<StreamEvent> {
  const message = {
    ...messageJson(reply, model),
    content: [],
    stop_reason: null,
    // Web searches and iterations are reported in the last event only.
    usage: usageJson({ ...tokensOf(reply), output: 1 }),
  };
  yield { type: 'message_start', message };
  yield { type: 'ping' };
  for (const [index, block] of reply.content.entries()) {
    yield { type: 'content_block_start', index, content_block: withoutContent(block) };
    for (const delta of deltas(block, reply.pace?.characters)) {
      yield { type: 'content_block_delta', index, delta };
    }
    yield { type: 'content_block_stop', index };
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: stopReasonOf(reply), stop_sequence: null },
    usage: usageJson(reply.usage),
  };
  yield { type: 'message_stop' };
}

function tokensOf({
  usage: { webSearches: _, iterations: __, ...tokens },
}: ModelReply): TokenCounts {
  return tokens;
}

function withoutContent(block: ReplyBlock): object {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

function deltas(block: ReplyBlock, characters: number | undefined): readonly object[] {
  if (block.type === 'text') {
    return pieces(block.text, characters).map((text) => ({ type: 'text_delta', text }));
  }
  return pieces(JSON.stringify(block.input), characters).map((json) => ({
    type: 'input_json_delta',
    partial_json: json,
  }));
}

/** Splits a text into pieces of whole characters. */
function pieces(text: string, characters: number | undefined): readonly string[] {
  if (characters === undefined) return [text];
  const all = [...text];
  return Array.from({ length: Math.ceil(all.length / characters) }, (_, index) =>
    all.slice(index * characters, (index + 1) * characters).join(''),
  );
}
