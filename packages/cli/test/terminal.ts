import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

const MAX_ATTEMPTS = 600;

/** A terminal (tmux), at which a test types as a person does. */
export class Terminal {
  static #count = 0;
  /** Each has its own tmux server: one that was killed can still be exiting. */
  readonly #socket: string = `agentteam-${process.pid}-${Terminal.#count++}`;

  /** Opens the terminal with a command for its shell. */
  async open(cwd: string, command: string): Promise<void> {
    const size = ['-x', '120', '-y', '40'];
    await this.#tmux('new-session', '-d', '-c', cwd, ...size, `${command}; exec sh`);
  }

  async type(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Waits until the terminal shows a text, or has shown it before it scrolled away. */
  async shown(text: string): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const screen = await this.#tmux('capture-pane', '-p', '-J', '-S', '-');
      if (screen.includes(text)) return;
      if (attempt === MAX_ATTEMPTS) throw new Error(`the terminal shows:\n${screen}`);
      await delay(100);
    }
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server');
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    return (await execa('tmux', ['-L', this.#socket, '-f', '/dev/null', ...args])).stdout;
  }
}

/** Quotes the words of a command, and prints `LEFT` with its exit code after it. */
export function announced(words: readonly string[]): string {
  return `${words.map((word) => `'${word}'`).join(' ')}; echo LEFT $?`;
}
