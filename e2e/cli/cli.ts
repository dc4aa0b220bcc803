import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Cluster } from '../controller/cluster.ts';

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Invocation {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Path that the program is started by. */
  readonly program?: string;
}

/** Runs the CLI as a process of its own, as a user does who has no more than a kubeconfig. */
export async function agentteam(
  args: readonly string[],
  { cwd, input, env = {}, program = main }: Invocation,
): Promise<Outcome> {
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', program];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...node, ...args], {
    cwd,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    extendEnv: false,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
  });
  return { exitCode, stdout, stderr };
}

/** The CLI on one cluster, in one namespace. */
export function onCluster(cluster: Cluster, namespace: string) {
  const where = [`--kubeconfig=${cluster.kubeconfig}`, '-n', namespace];
  return (args: readonly string[], input?: string): Promise<Outcome> =>
    agentteam([...args, ...where], {
      cwd: cluster.directory,
      ...(input !== undefined && { input }),
    });
}
