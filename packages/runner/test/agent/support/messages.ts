import type { SeenRequest } from '@agentteam/rehearsal';
import { readMessageParts } from '@agentteam/volume';

/** All messages to an agent in its request, in order, without the answers of its tools. */
export function messagesTo({ request }: SeenRequest): string {
  return request.messages
    .filter(({ role }) => role !== 'assistant')
    .flatMap(({ content }) => content.flatMap((block) => (block.type === 'text' ? block.text : [])))
    .join('\n');
}

/** The messages of people in a request. */
export function peopleIn(
  seen: SeenRequest,
): readonly { readonly by: string; readonly text: string }[] {
  return readMessageParts(messagesTo(seen)).flatMap(({ kind, from = '', text }) =>
    kind === 'person' ? [{ by: from, text }] : [],
  );
}

/** The number of every `(mail n)` in the messages to an agent, in order. */
export function mailNumbers(seen: SeenRequest): readonly number[] {
  return [...messagesTo(seen).matchAll(/\(mail (\d+)\)/g)].map(([, number]) => Number(number));
}

/** The answer of a tool. */
export function answerOf({ request }: SeenRequest, toolUseId: string) {
  return request.messages
    .flatMap(({ content }) => content)
    .find((block) => block.type === 'tool_result' && block.toolUseId === toolUseId);
}
