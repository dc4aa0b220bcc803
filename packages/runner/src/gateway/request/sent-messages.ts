import { type Fields, fieldsOf, listOf, messagesOf } from './parse-request.ts';

/** So many ids are remembered; a request that is sent again comes soon after the first. */
const MOST_IDS = 10_000;

/**
 * Counts the messages that an agent has sent. A reply only asks for one; whether the roster took it
 * stands in the next request, as the result of the call.
 */
export class SentMessages {
  readonly #counted = new Set<string>();

  /** How many messages a request says were sent that no request before it said. */
  count(request: Fields): number {
    const fresh = sentIn(request).filter((id) => !this.#counted.has(id));
    for (const id of fresh) this.#counted.add(id);
    for (const id of this.#counted) {
      if (this.#counted.size <= MOST_IDS) break;
      this.#counted.delete(id);
    }
    return fresh.length;
  }
}

/** Ids of the calls of SendMessage in the newest reply of a conversation that did not fail. */
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
    return isSent && wasTaken(block) ? [id] : [];
  });
}

function blocksOf(messages: readonly Fields[]): readonly Fields[] {
  return messages.flatMap(({ content }) => listOf(content).map(fieldsOf));
}

/** The tool answers `{"success":true,…}`; that the roster refused a message is no error to it, but no success. */
function wasTaken({ content, is_error: isError }: Fields): boolean {
  if (isError === true) return false;
  const text = typeof content === 'string' ? content : fieldsOf(listOf(content)[0])['text'];
  try {
    return fieldsOf(JSON.parse(String(text)))['success'] === true;
  } catch {
    return false;
  }
}
