import type { Message } from './message.ts';

/** Whether a person wrote a message of this kind. Agents can write no mail of these kinds. */
export function isFromPerson(kind: Message['kind']): boolean {
  return kind === 'person' || kind === 'answer';
}

/**
 * Who wrote a message, where that is not the agent whose name it has. Every agent can write mail with any sender.
 * @param agents the names of the team's agents.
 */
export function markOf(
  { kind, from }: Pick<Message, 'kind' | 'from'>,
  agents: ReadonlySet<string>,
): 'a person' | 'not an agent' | undefined {
  if (isFromPerson(kind)) return 'a person';
  return agents.has(from) ? undefined : 'not an agent';
}
