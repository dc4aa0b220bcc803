/** Indents a text by four spaces, to quote it in a message to an agent. */
export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
