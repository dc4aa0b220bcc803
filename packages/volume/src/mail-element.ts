import { closedElements, elementStart } from '@agentteam/contract';

/** A message as Claude Code shows it to its model. */
export interface MailElement {
  readonly from: string;
  readonly color?: string;
  readonly text: string;
}

export const MAIL_ELEMENT = 'teammate-message';

const START: RegExp = elementStart(MAIL_ELEMENT);

/** Formats a message as Claude Code does, to the byte. Neither field can end its part of the element. */
export function formatMailElement({ from, color, text }: MailElement): string {
  const colored = color === undefined ? '' : ` color="${attribute(color)}"`;
  const body = text.replaceAll(START, '&lt;');
  return `<${MAIL_ELEMENT} teammate_id="${attribute(from)}"${colored}>\n${body}\n</${MAIL_ELEMENT}>`;
}

function attribute(text: string): string {
  return text.replaceAll(/[^\w@. -]/g, '');
}

const ELEMENT =
  /<teammate-message teammate_id="([^"]{1,200})"[^>]{0,200}>\n([\s\S]*?)\n<\/teammate-message>/g;

/** Reads the messages in a prompt, in order. */
export function readMailElements(prompt: string): readonly MailElement[] {
  return [...closedElements(prompt, `\n</${MAIL_ELEMENT}>`).matchAll(ELEMENT)].map(
    ([, from = '', text = '']) => ({ from, text }),
  );
}

/** Removes the messages from a prompt, so that what they quote is not taken for the prompt's own. */
export function withoutMailElements(prompt: string): string {
  const closed = closedElements(prompt, `</${MAIL_ELEMENT}>`);
  const rest = prompt.slice(closed.length);
  return closed.replaceAll(/<teammate-message [\s\S]*?<\/teammate-message>/g, '') + rest;
}
