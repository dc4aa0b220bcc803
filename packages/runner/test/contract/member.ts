import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AgentSpec, Scope } from '@agentteam/contract';
import { createRoster, newMember } from '@agentteam/volume';
import { projectsIn } from '../../src/agent/claude-code/claude-code.ts';
import { prepareHome } from '../../src/agent/claude-code/home.ts';
import { claudeArguments, claudeEnvironment } from '../../src/agent/claude-code/launch.ts';
import type { AgentDirectories } from '../../src/agent/directories.ts';
import { RUNNER } from '../support/programs.ts';

const require = createRequire(import.meta.url);

/** The pinned CLI of this platform. */
export const CLAUDE: string = join(
  dirname(
    require.resolve(`@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`),
  ),
  'claude',
);

/** One line of the CLI's output. */
export type Line = Readonly<Record<string, unknown>>;

export const SESSION = '22222222-2222-4222-8222-222222222222';

/** The real CLI, started as the runner starts it: same arguments, environment and HOME. */
export class PinnedMember {
  readonly directories: AgentDirectories;
  readonly cwd: string;
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #directory: string;
  #look: () => void = () => {};

  private constructor(
    directory: string,
    directories: AgentDirectories,
    cwd: string,
    child: ChildProcess,
  ) {
    this.#directory = directory;
    this.directories = directories;
    this.cwd = cwd;
    this.#child = child;
    if (child.stdout === null) throw new Error('no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      this.#look();
    });
  }

  static async start(apiUrl: string, scope?: Scope): Promise<PinnedMember> {
    const directory = await mkdtemp(join(await realpath(tmpdir()), 'contract '));
    const at = (name: string) => join(directory, name);
    const directories: AgentDirectories = {
      home: at('home'),
      native: { team: 'T', teams: at('teams'), tasks: at('tasks') },
      session: at('session'),
      skills: at('skills'),
      plugins: at('plugins'),
      state: at('state'),
      ownState: at('state/mate'),
      control: at('control'),
      gateway: at('gateway'),
      cache: at('cache'),
    };
    const cwd = at('tree');
    const { home, session, native } = directories;
    for (const path of [home, session, cwd, join(native.tasks, 'T')]) {
      await mkdir(path, { recursive: true });
    }
    const member = { name: 'mate', model: 'sonnet', prompt: 'Work.', cwd };
    await createRoster(native, {
      name: 'T',
      createdAt: 1,
      leadAgentId: 'team-lead@T',
      leadSessionId: SESSION,
      members: [newMember('T', { ...member, name: 'team-lead' }, 1), newMember('T', member, 1, 1)],
    });
    const spec: AgentSpec = {
      ...member,
      work: '',
      team: 'T',
      namespace: 'test',
      role: 'teammate',
      permissionMode: 'auto-accept',
      dependsOn: [],
      members: [],
      inputs: [],
      skills: [],
      mcpServers: [],
      maxRestarts: 0,
      ...(scope && { scope }),
    };
    const gateway = { url: apiUrl, token: 'token', instance: 'one', statusUrl: apiUrl };
    const projects = projectsIn(session);
    const variables = { image: {}, own: {} };
    const runner = [process.execPath, RUNNER];
    const files = await prepareHome({
      spec,
      directories,
      projects,
      gateway,
      cwd,
      variables,
      runner,
    });
    const args = claudeArguments(spec, {
      files,
      sessionId: SESSION,
      isResumed: false,
      isPlanAccepted: false,
      systemPrompt: 'You are mate.',
      cwd,
    });
    const child = spawn(CLAUDE, args, {
      cwd,
      env: claudeEnvironment({
        ...{ spec, home, gateway, runnerEnv: process.env, agentEnv: {}, variables },
        commandScript: files.script,
      }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new PinnedMember(directory, directories, cwd, child);
  }

  /** The directory of its transcripts. */
  get projects(): string {
    return projectsIn(this.directories.session);
  }

  say(uuid: string, content: string): void {
    const line = { type: 'user', uuid, message: { role: 'user', content } };
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** The first line of its output, past or future, that matches. */
  async line(matches: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** Ends the input, and resolves with the exit code. */
  async end(): Promise<number | null> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  async remove(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
