/** Marks every line as quoted: none of them can pass for a line of the text around it. */
export function quoted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/**
 * A block of code within a quotation, which its own content cannot end: to Markdown
 * (https://spec.commonmark.org/0.31.2/#fenced-code-blocks) all of it is plain text, and a program
 * that reads the source line by line, as GitLab does for its quick actions
 * (https://docs.gitlab.com/user/project/quick_actions/), finds no line that begins as it should.
 */
export function quotedCode(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return quoted(`${fence}text\n${text.trim()}\n${fence}`);
}
