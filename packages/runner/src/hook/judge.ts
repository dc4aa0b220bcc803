import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Scope } from '@agentteam/contract';
import { readTask } from '@agentteam/volume';
import { hasConflictMarkers } from '../git/merge/markers.ts';
import { inScope } from '../git/scope/rules.ts';
import type { HookConfig } from './config.ts';

/** The part of a hook's input that is judged (Claude Code's hooks reference). */
export interface ToolUse {
  readonly tool_name: string;
  readonly tool_input: Readonly<Record<string, unknown>>;
  readonly cwd: string;
}

/**
 * Why a tool may not be used so; undefined: it may. This guides an agent that means well, early and
 * with a reason. One that does not can write by other means: what holds is the check of its branch
 * when work is merged.
 */
export async function judge(config: HookConfig, use: ToolUse): Promise<string | undefined> {
  if (use.tool_name === 'TaskUpdate') return judgeTask(config, use.tool_input);
  const path = use.tool_input['file_path'] ?? use.tool_input['notebook_path'];
  if (config.scope === undefined || config.tree === undefined || typeof path !== 'string') {
    return undefined;
  }
  return judgePath(config.tree, config.scope, resolve(use.cwd, path));
}

async function judgePath(tree: string, scope: Scope, path: string): Promise<string | undefined> {
  const inTree = relative(tree, await realPlace(path));
  // Outside the worktree are scratch files: they never become part of the work.
  if (inTree.startsWith('..') || inTree === '') return undefined;
  const file = inTree.split(sep).join('/');
  if (inScope(file, scope) || (await hasConflictMarkers(path))) return undefined;
  const included = scope.includePaths.join(', ') || 'everything';
  const excluded = scope.excludePaths.length > 0 ? ` except ${scope.excludePaths.join(', ')}` : '';
  return `${file} is outside your scope (${included}${excluded}). Ask the lead, or the teammate whose part it is, by SendMessage.`;
}

/** Where a file would really be: its directory's symbolic links resolved, as far as it exists. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPlace(parent), basename(path));
  }
}

/** Claude Code lets one member take another's task, or start one that is blocked. */
async function judgeTask(
  config: HookConfig,
  input: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const { taskId, status, owner } = input;
  if (typeof taskId !== 'string' || !/^\d+$/.test(taskId)) return undefined;
  const task = await readTask(config.native, taskId);
  if (task === undefined) return undefined;
  const claims = owner === config.agent || status === 'in_progress' || status === 'completed';
  if (claims && task.owner !== undefined && task.owner !== '' && task.owner !== config.agent) {
    return `Task ${taskId} belongs to ${task.owner}. Send ${task.owner} a message instead.`;
  }
  if (status !== 'in_progress') return undefined;
  const blockers = await Promise.all(task.blockedBy.map((id) => readTask(config.native, id)));
  const open = blockers.filter(
    (blocker) => blocker !== undefined && blocker.status !== 'completed',
  );
  if (open.length === 0) return undefined;
  return `Task ${taskId} is blocked by ${open.map((blocker) => blocker?.id).join(', ')}, not completed yet.`;
}
