/** Quotes text as one word of a POSIX shell. Zsh reads it in the same way. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes text only if a shell would not read it as one word. */
export function shellWord(text: string): string {
  return /^[\w./~@%+=:,-]+$/.test(text) ? text : quoted(text);
}
