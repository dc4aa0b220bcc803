import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { CLI } from '../../packages/runner/test/support/programs.ts';
import type { Cluster } from '../controller/cluster.ts';

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Invocation {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Path by which the program is started. */
  readonly program?: string;
}

/** Starts the CLI as a separate process, for a user who has only a kubeconfig. */
export function started(
  args: readonly string[],
  { cwd, input, env = {}, program = CLI }: Invocation,
) {
  return execa(process.execPath, [program, ...args], {
    cwd,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    extendEnv: false,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
  });
}

/** Runs the CLI until it exits. */
export async function agentteam(args: readonly string[], invocation: Invocation): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await started(args, invocation);
  return { exitCode, stdout, stderr };
}

/** The directories of PATH that do not have the program `argo`, which a machine with a real Argo may have. */
const WITHOUT_ARGO = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((directory) => !existsSync(join(directory, 'argo')))
  .join(delimiter);

/** Runs the CLI on one cluster in one namespace, for a user who has no `argo`. */
export function onCluster(cluster: Cluster, namespace: string) {
  const where = [`--kubeconfig=${cluster.kubeconfig}`, '-n', namespace];
  return (args: readonly string[], input?: string): Promise<Outcome> =>
    agentteam([...args, ...where], {
      cwd: cluster.directory,
      env: { PATH: WITHOUT_ARGO },
      ...(input !== undefined && { input }),
    });
}
