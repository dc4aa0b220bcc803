import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Scope } from '@agentteam/contract';
import { readTask } from '@agentteam/volume';
import { hasConflictMarkers } from '../git/merge/markers.ts';
import { inScope } from '../git/scope/rules.ts';
import { blockedTask, fileOutsideScope, taskOfOther } from '../prompts/tool-denials.ts';
import type { HookConfig } from '../records/hook-config.ts';

/** The part of a hook's input that is checked (Claude Code's hooks reference). */
export interface ToolUse {
  readonly tool_name: string;
  readonly tool_input: Readonly<Record<string, unknown>>;
  readonly cwd: string;
}

/**
 * The reason for denying a use of a tool; `undefined` when it is allowed. This guides a well-meaning
 * agent early. It does not enforce anything: an agent can write files by other means, and the scope is
 * enforced when work is merged.
 */
export async function denialOf(config: HookConfig, use: ToolUse): Promise<string | undefined> {
  if (use.tool_name === 'TaskUpdate') return denialOfTask(config, use.tool_input);
  const path = use.tool_input['file_path'] ?? use.tool_input['notebook_path'];
  if (config.scope === undefined || config.tree === undefined || typeof path !== 'string') {
    return undefined;
  }
  return denialOfPath(config.tree, config.scope, resolve(use.cwd, path));
}

async function denialOfPath(tree: string, scope: Scope, path: string): Promise<string | undefined> {
  const inTree = relative(tree, await resolvedPath(path));
  // Files outside the worktree never become part of the work.
  if (inTree.startsWith('..') || inTree === '') return undefined;
  const file = inTree.split(sep).join('/');
  if (inScope(file, scope) || (await hasConflictMarkers(path))) return undefined;
  return fileOutsideScope(file, scope);
}

/** Resolves the symbolic links in a path, as far as the path exists. */
async function resolvedPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolvedPath(parent), basename(path));
  }
}

/** Claude Code itself would let an agent take another's task, or start a blocked one. */
async function denialOfTask(
  config: HookConfig,
  input: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const { taskId, status, owner } = input;
  if (typeof taskId !== 'string' || !/^\d+$/.test(taskId)) return undefined;
  const task = await readTask(config.native, taskId);
  if (task === undefined) return undefined;
  const claims = owner === config.agent || status === 'in_progress' || status === 'completed';
  if (claims && task.owner !== undefined && task.owner !== '' && task.owner !== config.agent) {
    return taskOfOther(taskId, task.owner);
  }
  if (status !== 'in_progress') return undefined;
  const blockers = await Promise.all(task.blockedBy.map((id) => readTask(config.native, id)));
  const open = blockers.flatMap((blocker) =>
    blocker === undefined || blocker.status === 'completed' ? [] : [blocker.id],
  );
  return open.length === 0 ? undefined : blockedTask(taskId, open);
}
