import { type Fields, fieldsOf, listOf, messagesOf } from './parse-request.ts';

/** Ids that are remembered. A repeated request follows soon after the first. */
const MAX_IDS = 10_000;

/**
 * Counts the messages that an agent has sent to others. A reply contains the call of SendMessage, and
 * the next request contains its result, which says whether the message was delivered.
 */
export class SentMessages {
  readonly #counted = new Set<string>();

  /** Number of delivered messages that this request is the first to report. */
  count(request: Fields): number {
    const fresh = sentIn(request).filter((id) => !this.#counted.has(id));
    for (const id of fresh) this.#counted.add(id);
    for (const id of this.#counted) {
      if (this.#counted.size <= MAX_IDS) break;
      this.#counted.delete(id);
    }
    return fresh.length;
  }
}

/** Ids of the successful SendMessage calls in the newest reply of a conversation. */
function sentIn(request: Fields): readonly string[] {
  const messages = messagesOf(request).map(fieldsOf);
  const newest = messages.findLastIndex(({ role }) => role === 'assistant');
  const calls = new Set(
    blocksOf(messages.slice(newest, newest + 1))
      .filter(({ type, name }) => type === 'tool_use' && name === 'SendMessage')
      .map(({ id }) => id),
  );
  if (calls.size === 0) return [];
  return blocksOf(messages.slice(newest + 1)).flatMap((block) => {
    const { type, tool_use_id: id } = block;
    const isSent = type === 'tool_result' && typeof id === 'string' && calls.has(id);
    return isSent && wasDelivered(block) ? [id] : [];
  });
}

function blocksOf(messages: readonly Fields[]): readonly Fields[] {
  return messages.flatMap(({ content }) => listOf(content).map(fieldsOf));
}

/** The tool answers `{"success":true,…}`. For a refused message, `success` is false, and it is no tool error. */
function wasDelivered({ content, is_error: isError }: Fields): boolean {
  if (isError === true) return false;
  const text = typeof content === 'string' ? content : fieldsOf(listOf(content)[0])['text'];
  try {
    return fieldsOf(JSON.parse(String(text)))['success'] === true;
  } catch {
    return false;
  }
}
