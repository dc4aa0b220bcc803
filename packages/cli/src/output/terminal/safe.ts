import { textFor } from '@agentteam/text';

/**
 * Text of unknown origin, made safe to print: an agent, a file name or a mail must not move the cursor
 * or hide what follows it. Line feeds stay; tabs become spaces.
 */
export function safe(text: string): string {
  return textFor('terminal', text).replaceAll('\t', '  ');
}

/** The same on one line, runs of white space made one. */
export function oneLine(text: string): string {
  return safe(text).replace(/\s+/g, ' ').trim();
}
