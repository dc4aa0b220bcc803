/** Indents quoted text, so that it cannot be taken for the message around it. */
export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
