import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Arguments of Node that start the CLI. */
export const agentteamArguments: readonly string[] = [
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  main,
];

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI in its own process, without a terminal and without the user's environment. */
export async function agentteam(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
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
    },
  );
  return { exitCode, stdout, stderr };
}
