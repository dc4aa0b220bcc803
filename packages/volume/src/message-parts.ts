import { MAIL_ELEMENT } from './mail-element.ts';
import { PERSON_ELEMENT } from './person-element.ts';

/** A part of what an agent was told: a message of an agent or of a person, or text of the runner. */
export interface MessagePart {
  readonly kind: 'mail' | 'person' | 'other';
  /** Who sent it; absent for `other`. */
  readonly from?: string;
  readonly text: string;
}

const ELEMENTS = [
  {
    kind: 'mail',
    start: /<teammate-message teammate_id="([^"]{1,200})"[^>]{0,200}>\n/y,
    name: MAIL_ELEMENT,
  },
  { kind: 'person', start: /<person-message from="([^"]{0,200})">\n/y, name: PERSON_ELEMENT },
] as const;

/**
 * Divides a prompt into its messages. Claude Code (2.1.330) joins those that wait when a turn begins by line ends. An
 * element in a message belongs to that message.
 */
export function readMessageParts(prompt: string): readonly MessagePart[] {
  const parts: MessagePart[] = [];
  // A prompt with many beginnings and no end is searched for an end once.
  const unclosed = new Set<string>();
  let from = 0;
  for (let at = 0; at < prompt.length; ) {
    const found = elementAt(prompt, at, unclosed);
    if (found !== undefined) {
      addText(parts, prompt.slice(from, at));
      parts.push(found.part);
      from = found.end;
    }
    const line = prompt.indexOf('\n', found?.end ?? at);
    at = line < 0 ? prompt.length : line + 1;
  }
  addText(parts, prompt.slice(from));
  return parts;
}

function elementAt(
  prompt: string,
  at: number,
  unclosed: Set<string>,
): { readonly part: MessagePart; readonly end: number } | undefined {
  for (const { kind, start, name } of ELEMENTS) {
    start.lastIndex = at;
    const [opening, from] = start.exec(prompt) ?? [];
    if (opening === undefined || from === undefined || unclosed.has(name)) continue;
    const closing = `\n</${name}>`;
    // The text may be empty.
    const end = prompt.indexOf(closing, at + opening.length - 1);
    if (end < 0) {
      unclosed.add(name);
      continue;
    }
    const text = prompt.slice(at + opening.length, end);
    return { part: { kind, from, text }, end: end + closing.length };
  }
  return undefined;
}

function addText(parts: MessagePart[], text: string): void {
  // A pattern for the end would take quadratic time for an agent's million line ends.
  let start = 0;
  let end = text.length;
  while (text[start] === '\n') start += 1;
  while (end > start && text[end - 1] === '\n') end -= 1;
  if (start < end) parts.push({ kind: 'other', text: text.slice(start, end) });
}
