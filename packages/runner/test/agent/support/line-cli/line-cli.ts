import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Delivery, sendMail, updateTask } from '@agentteam/volume';
import type {
  AgentCli,
  AgentProcess,
  StartOptions,
  ToolAnswer,
  ToolCall,
} from '../../../../src/agent/agent-cli.ts';

const PROGRAM = fileURLToPath(new URL('line-agent.mjs', import.meta.url));

/** The program `line-agent.mjs` as an agent CLI. Claude Code has no part in it. */
export const lineCli: AgentCli = {
  vocabulary: {
    ask: 'ask_person',
    sendMail: 'send_mail',
    report: 'report',
    stopTask: 'stop_task',
    mailElement: 'mail',
  },
  formatMail: (mail) => mail.map(({ from, text }) => `[mail from ${from}] ${text}`).join('\n'),
  async start(options) {
    const session = join(options.directories.session, 'line-agent.jsonl');
    const read = await readFile(session, 'utf8').catch(() => '');
    const uuids = read
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as Delivery).uuid);
    options.signal.throwIfAborted();
    return new LineProcess(options, session, new Set(uuids));
  },
};

/** A line of the program's output. */
interface Line {
  readonly read?: string;
  readonly says?: string;
  readonly call?: { readonly id: string; readonly tool: string; readonly input: object };
  readonly done?: string;
}

class LineProcess implements AgentProcess {
  readonly isResumed: boolean;
  readonly readBefore: ReadonlySet<string>;
  readonly exited: Promise<number>;
  readonly #options: StartOptions;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;

  constructor(options: StartOptions, session: string, readBefore: ReadonlySet<string>) {
    this.#options = options;
    this.isResumed = readBefore.size > 0;
    this.readBefore = readBefore;
    const args = [PROGRAM, '--session', session, '--instructions', options.systemPrompt];
    this.#child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: options.agentEnv,
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => this.#handle(JSON.parse(line) as Line));
    this.exited = this.#exit(once(lines, 'close'));
  }

  async #exit(read: Promise<unknown>): Promise<number> {
    const [code] = (await once(this.#child, 'exit')) as [number | null];
    await read;
    return code ?? 137;
  }

  send({ uuid, text }: Pick<Delivery, 'uuid' | 'text'>): void {
    this.#write({ message: { uuid, text } });
  }

  interrupt(): void {}

  acceptPlan(): void {}

  finish(): void {
    this.#child.stdin.end();
  }

  async stop(): Promise<void> {
    this.finish();
    await this.exited;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #handle({ read, says, call, done }: Line): void {
    const { onEvent } = this.#options;
    if (read !== undefined) onEvent({ type: 'delivered', uuid: read });
    if (says !== undefined) onEvent({ type: 'output', parts: [{ type: 'text', text: says }] });
    if (call !== undefined) void this.#call(call);
    if (done !== undefined) {
      const result = { text: done, isError: false, reason: 'done' };
      onEvent({ type: 'turn-ended', result });
    }
  }

  async #call({ id, tool, input }: NonNullable<Line['call']>): Promise<void> {
    const { onEvent } = this.#options;
    const to = (input as { readonly to?: string }).to;
    const toolCall: ToolCall = {
      ...{ id, name: tool, input },
      purpose: to === undefined ? 'coordination' : 'mail',
      ...(to !== undefined && { mailTo: to }),
    };
    onEvent({ type: 'output', parts: [{ type: 'tool-call', ...toolCall }] });
    const answer = await this.#run(tool, input as Readonly<Record<string, string>>);
    onEvent({ type: 'tool-result', callId: id, isSuccess: !answer.isError });
    this.#write({ answer: { id, ...answer } });
  }

  async #run(tool: string, input: Readonly<Record<string, string>>): Promise<ToolAnswer> {
    const { spec, directories, tools, signal } = this.#options;
    const { task = '', to = '', text = '' } = input;
    switch (tool) {
      case 'complete_task':
        await updateTask(directories.native, task, () => ({ status: 'completed' }));
        return { text: 'completed', isError: false };
      case 'send_mail':
        await sendMail(directories.native, to, { from: spec.name, text });
        return { text: 'sent', isError: false };
      default: {
        const own = tools.find(({ name }) => name === tool);
        return own?.call(input, signal) ?? { text: `unknown tool: ${tool}`, isError: true };
      }
    }
  }

  #write(line: object): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }
}
