import type { SeenRequest } from '@agentteam/rehearsal';

/** All that an agent had been told when it asked, in order; not what its tools answered. */
export function told({ request }: SeenRequest): string {
  return request.messages
    .filter(({ role }) => role !== 'assistant')
    .flatMap(({ content }) => content.flatMap((block) => (block.type === 'text' ? block.text : [])))
    .join('\n');
}

/** Every `(mail n)` in what it was told, in order. */
export function toldMail(seen: SeenRequest): readonly number[] {
  return [...told(seen).matchAll(/\(mail (\d+)\)/g)].map(([, number]) => Number(number));
}

/** What a tool answered. */
export function answerOf({ request }: SeenRequest, toolUseId: string) {
  return request.messages
    .flatMap(({ content }) => content)
    .find((block) => block.type === 'tool_result' && block.toolUseId === toolUseId);
}
