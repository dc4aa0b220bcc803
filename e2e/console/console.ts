import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RELEASE, render, SYSTEM, type Values } from '../chart/helm.ts';
import { started } from '../cli/cli.ts';
import { kubeconfigOfAccount } from '../controller/account.ts';
import type { Cluster } from '../controller/cluster.ts';

/** Name of the page's objects in the chart. */
export const UI: string = `${RELEASE}-ui`;
/** User name of the page's own service account. */
export const OWN_USER: string = `system:serviceaccount:${SYSTEM}:${UI}`;

/** `agentteam console` as a separate process, with the arguments and the rights of the chart's Deployment. */
export class ConsoleProcess {
  readonly port: number;
  /** What it has logged. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly #child: ChildProcess;
  readonly #ended: Promise<{ readonly exitCode?: number | undefined }>;

  constructor(
    child: ChildProcess,
    ended: Promise<{ readonly exitCode?: number | undefined }>,
    log: readonly Readonly<Record<string, unknown>>[],
    port: number,
  ) {
    this.#child = child;
    this.#ended = ended;
    this.log = log;
    this.port = port;
  }

  /**
   * Creates the page's account and its rights, and starts the page.
   * @param ui values of the chart below `ui`.
   * @param secrets directory in place of `/etc/agentteam`, with a directory for each mounted Secret.
   */
  static async start(cluster: Cluster, ui: Values = {}, secrets = ''): Promise<ConsoleProcess> {
    const objects = await render({ ui: { enabled: true, ...ui } });
    const own = objects.filter(({ metadata }) => metadata?.name === UI);
    for (const object of own) {
      if (/^(ServiceAccount|ClusterRole|ClusterRoleBinding)$/.test(object.kind ?? '')) {
        await cluster.apply(object);
      }
    }
    const deployment = own.find(({ kind }) => kind === 'Deployment');
    const [{ command, args }] = deployment?.spec.template.spec.containers ?? [];
    const given = (args as readonly string[]).map((arg) =>
      arg.replace(/^--port=.*/, '--port=0').replace('/etc/agentteam', secrets),
    );
    const kubeconfig = await kubeconfigOfAccount(cluster, SYSTEM, UI);
    const child = started([...command.slice(1), ...given, `--kubeconfig=${kubeconfig}`], {
      cwd: cluster.directory,
    });
    const log: Readonly<Record<string, unknown>>[] = [];
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
    const ready = Promise.withResolvers<number>();
    lines.on('line', (line) => {
      try {
        log.push(JSON.parse(line));
      } catch {
        ready.reject(new Error(line));
      }
      const { event, port } = log.at(-1) ?? {};
      if (event === 'started') ready.resolve(Number(port));
    });
    lines.once('close', () => ready.reject(new Error('the page did not start')));
    return new ConsoleProcess(child as unknown as ChildProcess, child, log, await ready.promise);
  }

  /** Ends the process as the kubelet does. @returns its exit code. */
  async stop(): Promise<number | undefined> {
    this.#child.kill('SIGTERM');
    return (await this.#ended).exitCode;
  }
}

/** Resolves when an emitter has ended in some way. */
export async function endOf(stream: NodeJS.ReadableStream): Promise<void> {
  stream.resume();
  await once(stream, 'close');
}
