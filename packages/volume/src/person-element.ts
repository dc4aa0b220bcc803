import { elementStart } from '@agentteam/contract';
import type { PersonMessage } from './person-message.ts';

/** The element in which an agent's model sees a person's message. */
export const PERSON_ELEMENT = 'person-message';

/** Formats a person's message for the model. Neither the name nor the text can end its part of the element. */
export function formatPersonMessage({ by, text }: Pick<PersonMessage, 'by' | 'text'>): string {
  const from = by.replaceAll(/["<>&]/g, '');
  const body = withoutPersonElements(text);
  return `<${PERSON_ELEMENT} from="${from}">\n${body}\n</${PERSON_ELEMENT}>`;
}

const START: RegExp = elementStart(PERSON_ELEMENT);

/** Makes the elements in a text that is not from a person unreadable as elements. */
export function withoutPersonElements(text: string): string {
  return text.replaceAll(START, '&lt;');
}
