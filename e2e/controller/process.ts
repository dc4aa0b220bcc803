import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '../../packages/runner/test/support/free-port.ts';
import { CONTROLLER } from '../../packages/runner/test/support/programs.ts';

/** The controller as a separate process, as in a pod. */
export class ControllerProcess {
  readonly metricsUrl: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #isOver = false;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.metricsUrl = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        for (const look of this.#waiting) look();
      });
    }
    // Wait for `close`, not `exit`: the last output may still arrive.
    this.#ended = once(child, 'close').then(() => {
      this.#isOver = true;
      for (const look of this.#waiting) look();
    });
  }

  /**
   * Starts the controller and waits until it leads (or watches, as a second replica).
   * @param program the controller's program, of this version or of another one.
   */
  static async start(
    kubeconfig: string,
    env: Readonly<Record<string, string>> = {},
    ready = 'became the leader',
    program = CONTROLLER,
  ): Promise<ControllerProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_OPTIONS: '--max-semi-space-size=4',
        KUBECONFIG: kubeconfig,
        AGENTTEAM_IMAGE: 'registry.test/agentteam:test',
        AGENTTEAM_METRICS_PORT: String(port),
        POD_NAMESPACE: 'default',
        AGENTTEAM_LOG_LEVEL: 'debug',
        ...env,
      },
    });
    const controller = new ControllerProcess(child, port);
    await controller.logged(ready);
    return controller;
  }

  get log(): string {
    return this.#lines.join('\n');
  }

  /** Waits for a log line that contains a text. @throws Error with the log when the process ends first. */
  logged(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#lines.some((line) => line.includes(text))) resolve();
        else if (this.#isOver) {
          reject(new Error(`the controller exited before it logged “${text}”:\n${this.log}`));
        } else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits until the process has ended and its log is complete. */
  async exited(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.exited();
  }

  /** The value of a metric, summed over its series. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${this.metricsUrl}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }
}
