/** Marks every line as quoted, so that none can be mistaken for a line of the surrounding text. */
export function quoted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/**
 * Writes a text as a quoted block of code that the text itself cannot end. Markdown
 * (https://spec.commonmark.org/0.31.2/#fenced-code-blocks) renders all of it as plain text. A program that
 * reads the source line by line, as GitLab does for quick actions
 * (https://docs.gitlab.com/user/project/quick_actions/), finds no line that starts with a command.
 */
export function quotedCode(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return quoted(`${fence}text\n${text.trim()}\n${fence}`);
}
