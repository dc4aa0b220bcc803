import { textFor } from '@agentteam/text';

/**
 * Makes untrusted text safe to print: text from an agent, a file name or a mail must not move the cursor
 * or hide the text after it. Line feeds are kept; tabs become spaces.
 */
export function safe(text: string): string {
  return textFor('terminal', text).replaceAll('\t', '  ');
}

/** Makes untrusted text safe to print on one line. Runs of white space become one space. */
export function oneLine(text: string): string {
  return safe(text).replace(/\s+/g, ' ').trim();
}
