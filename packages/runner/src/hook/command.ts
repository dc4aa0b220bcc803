import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { HookConfig } from '../records/hook-config.ts';
import { printError } from '../step/print.ts';
import { denialOf, type ToolUse } from './denial.ts';

/**
 * `agentteam-runner hook CONFIG`: decides whether the agent may use a tool. Claude Code runs it before
 * each use, with the tool's input on stdin. A denial is a JSON answer, which works in every permission
 * mode. If the hook itself fails, the tool may be used: the scope is checked again when work is merged.
 */
export async function hookCommand(argv: readonly string[]): Promise<number> {
  try {
    const config = JSON.parse(await readFile(argv[0] ?? '', 'utf8')) as HookConfig;
    const reason = await denialOf(config, JSON.parse(await text(process.stdin)) as ToolUse);
    if (reason !== undefined) {
      const answer = {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: reason,
      };
      process.stdout.write(JSON.stringify({ hookSpecificOutput: answer }));
    }
  } catch (error) {
    printError(`agentteam-runner hook: ${String(error)}`);
  }
  return 0;
}
