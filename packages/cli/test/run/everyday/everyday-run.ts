import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Outcome } from '../../commands/agentteam.ts';
import { eventsOf } from './result.ts';

/** The built program: its processes start faster than those of the sources. */
const AGENTTEAM = fileURLToPath(new URL('../../../../../dist/agentteam.mjs', import.meta.url));
const NAME = 'everyday';
const GATE = 'spawn-tests';
/** The file with the API key. A key from a file can be replaced during the run, so a refused one is waited for. */
const KEY_FILE = 'key.env';
const GATE_POLL_MS = 100;
/** The longest time between the opening of the gate and its answer. */
const LONGEST_ANSWER_MS = 3_000;

/**
 * Two teammates work at the same time. A third one waits for both and for a gate. Their work is checked, merged and
 * pushed.
 */
export const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: ${NAME} }
spec:
  repository: { url: ./repository }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates:
    - { name: api, model: haiku, prompt: Write the server. }
    - { name: web, model: haiku, prompt: Write the page. }
    - { name: tests, model: haiku, prompt: Test both., dependsOn: [api, web] }
  lifecycle:
    timeout: 30m
    onComplete: push-branch
    approvalGates: [{ event: ${GATE} }]
  qualityGates: { testCommand: "sleep 1; test -s api.md && test -s web.md && test -s tests.md" }
`;

/** A run of {@link TEAM} in its own directory. If its engine is killed, another one continues the run. */
export class EverydayRun {
  readonly cwd: string;
  readonly #env: Readonly<Record<string, string>>;
  #engine: ChildProcess;
  /** Resolves with the engine's exit code and what it printed. */
  #ended: Promise<Outcome>;
  #isKilled = false;

  private constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.cwd = cwd;
    this.#env = env;
    [this.#engine, this.#ended] = this.#start();
  }

  /** @param apiUrl base URL of the Messages API. */
  static async start(cwd: string, apiUrl: string): Promise<EverydayRun> {
    const repository = join(cwd, 'repository');
    await mkdir(repository, { recursive: true });
    await writeFile(join(cwd, 'team.yaml'), TEAM);
    await writeFile(join(repository, 'README.md'), 'Everyday.\n');
    const git = (...args: readonly string[]) => execa('git', ['-C', repository, ...args]);
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', '.');
    const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com'];
    await git(...author, 'commit', '--quiet', '-m', 'Begin');
    await writeFile(join(cwd, KEY_FILE), 'ANTHROPIC_API_KEY=sk-of-this-test\n');
    return new EverydayRun(cwd, { ANTHROPIC_BASE_URL: apiUrl });
  }

  get directory(): string {
    return join(this.cwd, '.agentteam', NAME);
  }

  get repository(): string {
    return join(this.cwd, 'repository');
  }

  /** Kills the engine and starts another one. */
  async killEngine(): Promise<void> {
    this.#isKilled = true;
    this.#engine.kill('SIGKILL');
    const { exitCode } = await this.#ended;
    // If it has an exit code, it had ended by itself before.
    if (exitCode === undefined) [this.#engine, this.#ended] = this.#start();
    this.#isKilled = false;
  }

  /** Resolves when an engine has ended without being killed. */
  async ended(): Promise<Outcome> {
    for (;;) {
      const ended = this.#ended;
      const outcome = await ended;
      if (ended === this.#ended && !this.#isKilled) return outcome;
      await delay(10);
    }
  }

  /** Answers the gate with `agentteam approve`, at a random time after it has opened. */
  async answerGate(random: () => number, signal: AbortSignal): Promise<void> {
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
    const isOpen = () => {
      const events = join(this.directory, 'events.jsonl');
      return existsSync(events) && eventsOf(this.directory, 'gate-opened').length > 0;
    };
    while (!signal.aborted && !isOpen()) await pause(GATE_POLL_MS);
    await pause(random() * LONGEST_ANSWER_MS);
    if (signal.aborted) return;
    const args = ['approve', NAME, GATE, '--by', 'ann', '--reason', 'looks right'];
    const { exitCode, stderr } = await outcomeOf(this.#spawn(args));
    if (exitCode !== 0) throw new Error(`agentteam approve exited with ${exitCode}: ${stderr}`);
  }

  /** Starts the run, or resumes it if an earlier engine has created it. */
  #start(): [ChildProcess, Promise<Outcome>] {
    const made = existsSync(join(this.directory, 'run.json'));
    const args = made
      ? ['resume', NAME, '--gates', 'wait']
      : [
          ...['run', 'team.yaml', '--name', NAME, '--secret', `anthropic-api-key=${KEY_FILE}`],
          ...['--no-sandbox', '--keep', '--gates', 'wait'],
        ];
    const engine = this.#spawn(args);
    return [engine, outcomeOf(engine)];
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [AGENTTEAM, ...args], {
      cwd: this.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: this.cwd, ...this.#env },
    });
  }
}

async function outcomeOf(engine: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  engine.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  engine.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = (await once(engine, 'exit')) as [number | null];
  return { exitCode: exitCode ?? undefined, stdout, stderr };
}
