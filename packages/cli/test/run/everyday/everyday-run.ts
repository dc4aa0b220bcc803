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

/** The bundle, which `npm run test:soak` builds first: every start of its programs is fast. */
const AGENTTEAM = fileURLToPath(new URL('../../../../dist/agentteam.mjs', import.meta.url));
const NAME = 'everyday';
const GATE = 'spawn-tests';
const GATE_LOOK_MS = 100;
/** The gate is answered at most this long after it opened. */
const ANSWERED_WITHIN_MS = 3_000;

/** Two teammates at once, one behind both and a gate; what they commit is checked, merged and pushed. */
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

/** A run of {@link TEAM} in a directory of its own, executed by one engine after another. */
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

  /** @param apiUrl where the model is. */
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
    const env = { ANTHROPIC_BASE_URL: apiUrl, ANTHROPIC_API_KEY: 'sk-of-this-test' };
    return new EverydayRun(cwd, env);
  }

  get directory(): string {
    return join(this.cwd, '.agentteam', NAME);
  }

  get repository(): string {
    return join(this.cwd, 'repository');
  }

  /** Kills the engine; another one goes on with the run. */
  async killEngine(): Promise<void> {
    this.#isKilled = true;
    this.#engine.kill('SIGKILL');
    const { exitCode } = await this.#ended;
    // With an exit code it had ended by itself just before.
    if (exitCode === undefined) [this.#engine, this.#ended] = this.#start();
    this.#isKilled = false;
  }

  /** Resolves when an engine has ended that nobody has killed. */
  async ended(): Promise<Outcome> {
    for (;;) {
      const ended = this.#ended;
      const outcome = await ended;
      if (ended === this.#ended && !this.#isKilled) return outcome;
      await delay(10);
    }
  }

  /** Answers the gate from another process, a moment after it opened, whether an engine runs or not. */
  async answerGate(random: () => number, signal: AbortSignal): Promise<void> {
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
    const isOpen = () => {
      const events = join(this.directory, 'events.jsonl');
      return existsSync(events) && eventsOf(this.directory, 'gate-opened').length > 0;
    };
    while (!signal.aborted && !isOpen()) await pause(GATE_LOOK_MS);
    await pause(random() * ANSWERED_WITHIN_MS);
    if (signal.aborted) return;
    const args = ['approve', NAME, GATE, '--by', 'ann', '--reason', 'looks right'];
    const { exitCode, stderr } = await outcomeOf(this.#spawn(args));
    if (exitCode !== 0) throw new Error(`agentteam approve exited with ${exitCode}: ${stderr}`);
  }

  /** Starts the run, or goes on with it where an engine has made it. */
  #start(): [ChildProcess, Promise<Outcome>] {
    const made = existsSync(join(this.directory, 'run.json'));
    const args = made
      ? ['resume', NAME, '--gates', 'wait']
      : ['run', 'team.yaml', '--name', NAME, '--no-sandbox', '--keep', '--gates', 'wait'];
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
