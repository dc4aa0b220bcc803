import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { CLAUDE } from '../contract/member.ts';
import type { Process } from './gateway-process.ts';
import type { TestTeam } from './team.ts';

/** Starts the real CLI behind a gateway, with one prompt. */
export function startClaude(
  team: TestTeam,
  { address }: Process,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, null> {
  return spawn(CLAUDE, ['-p', ...args, 'go'], {
    cwd: team.root,
    env: {
      PATH: process.env['PATH'],
      HOME: team.root,
      ANTHROPIC_BASE_URL: address.url,
      ANTHROPIC_API_KEY: address.token,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_MAX_RETRIES: '3',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Waits for its end. @returns its exit code and its result. */
export async function claude(team: TestTeam, gateway: Process, model: string) {
  const child = startClaude(team, gateway, ['--output-format', 'json', '--model', model]);
  const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  const result = JSON.parse(Buffer.concat(output).toString()) as {
    readonly is_error: boolean;
    readonly result: string;
    readonly total_cost_usd: number;
    readonly modelUsage: Readonly<Record<string, { readonly costUSD: number }>>;
  };
  return { code, ...result };
}
