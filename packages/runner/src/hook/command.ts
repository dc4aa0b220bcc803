import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { complain } from '../step/say.ts';
import type { HookConfig } from './config.ts';
import { judge, type ToolUse } from './judge.ts';

/**
 * `agentteam-runner hook CONFIG`: Claude Code runs it before a tool, with the tool's input on stdin. A
 * denial is a JSON answer, which holds in every permission mode. A fault of the hook itself lets the
 * tool pass: it guides, and what it guards is checked again when work is merged.
 */
export async function hookCommand(argv: readonly string[]): Promise<number> {
  try {
    const config = JSON.parse(await readFile(argv[0] ?? '', 'utf8')) as HookConfig;
    const reason = await judge(config, JSON.parse(await text(process.stdin)) as ToolUse);
    if (reason !== undefined) {
      const answer = {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: reason,
      };
      process.stdout.write(JSON.stringify({ hookSpecificOutput: answer }));
    }
  } catch (error) {
    complain(`agentteam-runner hook: ${String(error)}`);
  }
  return 0;
}
