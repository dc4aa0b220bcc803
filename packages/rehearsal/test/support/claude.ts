import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { appears } from './appears.ts';

const CLAUDE = join(
  dirname(
    createRequire(import.meta.url).resolve(
      `@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`,
    ),
  ),
  'claude',
);

const SESSION = '11111111-1111-4111-8111-111111111111';

export interface TurnResult {
  readonly is_error: boolean;
  readonly result: string;
  readonly terminal_reason: string;
  readonly total_cost_usd: number;
  readonly usage: Readonly<Record<string, unknown>>;
}

export interface SpawnOptions {
  readonly url: string;
  readonly agent?: string;
  readonly resume?: boolean;
  readonly args?: readonly string[];
}

/** A directory in which the real CLI is an agent of a team, with a roster and a task list. */
export class Workspace {
  readonly directory: string;
  readonly work: string;
  readonly #running = new Set<Member>();

  private constructor(directory: string) {
    this.directory = directory;
    this.work = join(directory, 'work');
  }

  static async make(members: readonly string[] = ['team-lead', 'mate']): Promise<Workspace> {
    // With a space, because users' paths may have one.
    const base = await mkdtemp(join(await realpath(tmpdir()), 'rehearsal '));
    const workspace = new Workspace(base);
    await mkdir(workspace.work, { recursive: true });
    await mkdir(join(workspace.#claude, 'teams/T/inboxes'), { recursive: true });
    await mkdir(join(workspace.#claude, 'tasks/T'), { recursive: true });
    await writeFile(join(workspace.#claude, 'tasks/T/.lock'), '');
    const roster = members.map((name) => ({
      agentId: `${name}@T`,
      name,
      agentType: name === 'team-lead' ? 'team-lead' : 'general-purpose',
      joinedAt: 1,
      tmuxPaneId: '%1',
      cwd: workspace.work,
      subscriptions: [],
      backendType: 'tmux',
    }));
    const config = { name: 'T', createdAt: 1, leadAgentId: 'team-lead@T', leadSessionId: SESSION };
    await writeFile(
      join(workspace.#claude, 'teams/T/config.json'),
      JSON.stringify({ ...config, members: roster }),
    );
    return workspace;
  }

  get #claude(): string {
    return join(this.directory, 'home/.claude');
  }

  async addTask(id: string, subject: string, owner: string): Promise<void> {
    const task = { id, subject, description: subject, status: 'pending', owner };
    await writeFile(
      join(this.#claude, `tasks/T/${id}.json`),
      JSON.stringify({ ...task, blocks: [], blockedBy: [], metadata: {} }),
    );
  }

  async task(id: string): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await readFile(join(this.#claude, `tasks/T/${id}.json`), 'utf8'));
  }

  async inbox(agent: string): Promise<readonly { readonly text: string; readonly from: string }[]> {
    return JSON.parse(await readFile(join(this.#claude, `teams/T/inboxes/${agent}.json`), 'utf8'));
  }

  async taskIds(): Promise<readonly string[]> {
    const names = await readdir(join(this.#claude, 'tasks/T'));
    return names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.work, name), text);
  }

  /** Resolves when the file is there and not empty. */
  appears(name: string): Promise<void> {
    return appears(this.work, async () => (await this.read(name)) !== '');
  }

  /** Resolves when a line of the transcript contains all these texts. */
  async recorded(...texts: readonly string[]): Promise<void> {
    const projects = join(this.#claude, 'projects');
    // The CLI creates both with its first line, which it writes some time after the message.
    await appears(this.#claude, async () => (await stat(projects)).isDirectory());
    await appears(projects, async () => (await readdir(projects)).length > 0);
    const [project = ''] = await readdir(projects);
    const directory = join(projects, project);
    await appears(directory, async () => {
      const lines = (await readFile(join(directory, `${SESSION}.jsonl`), 'utf8')).split('\n');
      return lines.some((line) => texts.every((text) => line.includes(text)));
    });
  }

  read(name: string): Promise<string> {
    return readFile(join(this.work, name), 'utf8');
  }

  /** @returns arguments that make the CLI run this shell command before every tool call. */
  async beforeTools(command: string): Promise<readonly string[]> {
    const path = join(this.directory, 'settings.json');
    const hooks = { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command }] }] };
    await writeFile(path, JSON.stringify({ hooks }));
    return ['--settings', path];
  }

  start({ url, agent = 'mate', resume = false, args = [] }: SpawnOptions): Member {
    const team = ['--team-name', 'T', '--agent-id', `${agent}@T`, '--agent-name', agent];
    const io = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
    const session = [resume ? '--resume' : '--session-id', SESSION];
    const mode = ['--model', 'sonnet', '--permission-mode', 'bypassPermissions'];
    const child = spawn(CLAUDE, ['-p', ...io, ...mode, ...team, ...session, ...args], {
      cwd: this.work,
      env: {
        PATH: process.env['PATH'],
        HOME: join(this.directory, 'home'),
        IS_SANDBOX: '1',
        ANTHROPIC_BASE_URL: `${url}/${agent}`,
        ANTHROPIC_API_KEY: 'rehearsal',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: '1',
        CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
        ENABLE_TOOL_SEARCH: 'false',
        DISABLE_AUTOUPDATER: '1',
      },
    });
    const member = new Member(child);
    this.#running.add(member);
    return member;
  }

  async remove(): Promise<void> {
    for (const member of this.#running) await member.kill();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A running CLI. It reads messages from lines and returns a result for each turn. */
export class Member {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<unknown>;
  readonly #results: AsyncIterator<TurnResult>;
  readonly #seen: Record<string, unknown>[] = [];
  #wake: () => void = () => {};

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#exit = once(child, 'exit');
    this.#results = this.#read();
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      this.#seen.push(JSON.parse(line) as Record<string, unknown>);
      this.#wake();
    });
    lines.on('close', () => {
      this.#seen.push({ type: 'end' });
      this.#wake();
    });
    // A killed process does not read its input.
    child.stdin.on('error', () => {});
  }

  tell(content: string): void {
    const line = { type: 'user', message: { role: 'user', content } };
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async ask(content: string): Promise<TurnResult> {
    this.tell(content);
    return this.result();
  }

  /** The result of the next turn. */
  async result(): Promise<TurnResult> {
    const { value, done } = await this.#results.next();
    if (done) throw new Error('the CLI ended without a result');
    return value;
  }

  async #next(index: number): Promise<Record<string, unknown> | undefined> {
    for (;;) {
      const found = this.#seen[index];
      if (found !== undefined) return found['type'] === 'end' ? undefined : found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async *#read(): AsyncGenerator<TurnResult> {
    for (let index = 0; ; index += 1) {
      const line = await this.#next(index);
      if (line === undefined) return;
      if (line['type'] === 'result') yield line as unknown as TurnResult;
    }
  }

  /** Ends its input; the CLI then exits by itself. */
  async leave(): Promise<void> {
    this.#child.stdin.end();
    await this.#exit;
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exit;
  }

  /** Ends it as the runner does: with an interrupt and the end of its input. */
  async interrupt(): Promise<void> {
    const request = { subtype: 'interrupt' };
    const line = { type: 'control_request', request_id: 'r1', request };
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    await this.leave();
  }
}
