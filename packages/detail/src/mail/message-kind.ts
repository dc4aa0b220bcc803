import type { Message } from './message.ts';

/** Whether a person wrote a message of this kind. Agents can write no mail of these kinds. */
export function isFromPerson(kind: Message['kind']): boolean {
  return kind === 'person' || kind === 'answer';
}
