/** Text as one word of a POSIX shell, in quotes; zsh reads it the same. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same without quotes where it needs none. */
export function shellWord(text: string): string {
  return /^[\w./~@%+=:,-]+$/.test(text) ? text : quoted(text);
}
