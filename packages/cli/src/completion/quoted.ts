/** Text as one word of a POSIX shell; zsh reads it the same. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
