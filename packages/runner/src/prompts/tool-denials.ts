import type { Scope } from '@agentteam/contract';

/* Why the hook denies a use of a tool. The hook is Claude Code's own, and so are the tool names here. */

export function fileOutsideScope(file: string, scope: Scope): string {
  const included = scope.includePaths.join(', ') || 'everything';
  const excluded = scope.excludePaths.length > 0 ? ` except ${scope.excludePaths.join(', ')}` : '';
  return `${file} is outside your scope (${included}${excluded}). Use SendMessage to ask the lead, or the teammate whose scope it is in, for the change.`;
}

export function taskOfOther(id: string, owner: string): string {
  return `Task ${id} belongs to ${owner}. Send ${owner} a message instead.`;
}

export function blockedTask(id: string, blockers: readonly string[]): string {
  return `Task ${id} is blocked by open tasks: ${blockers.join(', ')}.`;
}
