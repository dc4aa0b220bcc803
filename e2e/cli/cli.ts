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

/** Starts the CLI as a process of its own, as a user does who has no more than a kubeconfig. */
export function started(
  args: readonly string[],
  { cwd, input, env = {}, program = main }: Invocation,
) {
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', program];
  return execa(process.execPath, [...node, ...args], {
    cwd,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    extendEnv: false,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
  });
}

/** The same, to its end. */
export async function agentteam(args: readonly string[], invocation: Invocation): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await started(args, invocation);
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
