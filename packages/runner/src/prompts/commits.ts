/* What an agent is asked to change in its commits before they are handed over. */

/**
 * @param violations the changes outside the agent's scope, one line each.
 * @param isShared whether other agents work in the same tree, so that the files may be theirs.
 */
export function changesOutsideScope(violations: string, isShared: boolean): string {
  const undo = isShared
    ? 'Remove them from your commits without touching the files, which are the work of others (git reset <commit you started from> -- <file>, then commit)'
    : 'Undo these changes (git checkout or git rm, then commit)';
  return `Your branch changes files outside your scope:\n${violations}\n${undo}, and end your turn.`;
}

/** A longer list would not help the agent. */
const MAX_FILES = 20;

/**
 * @param found what the agent's commits add that may not belong in them, one line each.
 * @param start the commit that the agent started from.
 */
export function suspiciousFiles(found: readonly string[], start: string): string {
  return [
    'Your commits add files that may not belong in them:',
    ...listed(found),
    `If they do not belong there, make your commits again without them (git reset --soft ${start}, git restore --staged <file>, git commit): a file that a later commit removes stays in the history. A secret stops the delivery of the whole team. If they do belong there, leave them and say why in your report. Then end your turn.`,
  ].join('\n');
}

/** @param files whose content the agent has changed. */
export function unresolvedFiles(files: readonly string[]): string {
  return [
    'Your commits have files with conflict markers (<<<<<<<), as an unresolved merge leaves them:',
    ...listed(files),
    'Resolve them and commit. If the markers belong there, leave them and say why in your report. Then end your turn.',
  ].join('\n');
}

function listed(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, MAX_FILES).map((line) => `- ${JSON.stringify(line).slice(1, -1)}`);
  return lines.length > MAX_FILES ? [...shown, `- and ${lines.length - MAX_FILES} more`] : shown;
}
