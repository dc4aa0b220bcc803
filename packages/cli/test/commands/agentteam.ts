import { execa } from 'execa';
import { CLI } from '../../../runner/test/support/programs.ts';

/** Arguments of Node that start the CLI. */
export const agentteamArguments: readonly string[] = [CLI];

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the CLI in its own process, without a terminal and without the user's environment.
 * @param user id of the user and group that it runs as, which only root can choose.
 */
export async function agentteam(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  user?: number,
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [...agentteamArguments, ...args],
    {
      cwd,
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: { PATH: process.env['PATH'], HOME: cwd, ...env },
      ...(user !== undefined && { uid: user, gid: user }),
    },
  );
  return { exitCode, stdout, stderr };
}
