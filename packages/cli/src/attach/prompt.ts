import { clearLine, createInterface, cursorTo } from 'node:readline';
import type { Context } from '../context.ts';
import { rawMode } from '../output/terminal/raw-mode.ts';

/** What a person does at the prompt. */
export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D. */
  | { readonly kind: 'end' };

/** A line in which a person types, below lines that are printed meanwhile. */
export interface Prompt {
  /** Prints a line above the one that is being typed. */
  print(line: string): void;
  /** Calls `onTyped` for everything that the person does. */
  listen(onTyped: (typed: Typed) => void): void;
  close(): void;
}

/** Opens a prompt on the terminal. */
export function openPrompt({ in: input, out: output }: Pick<Context, 'in' | 'out'>): Prompt {
  const lines = createInterface({ input, output, terminal: true, prompt: '> ' });
  let isClosed = false;
  const raw = rawMode(input, {
    onLeave: () => output.write('\n'),
    onContinue: () => lines.prompt(true),
  });
  lines.on('close', () => {
    raw.end();
    cursorTo(output, 0);
    clearLine(output, 0);
  });
  return {
    print(line) {
      if (isClosed) return void output.write(`${line}\n`);
      cursorTo(output, 0);
      clearLine(output, 0);
      output.write(`${line}\n`);
      lines.prompt(true);
    },
    listen(onTyped) {
      lines.on('line', (text) => {
        onTyped({ kind: 'line', text });
        if (!isClosed) lines.prompt();
      });
      // In raw mode, the terminal sends no signal.
      lines.on('SIGINT', () => onTyped({ kind: 'interrupt' }));
      lines.on('SIGTSTP', () => raw.suspend());
      lines.on('close', () => {
        isClosed = true;
        onTyped({ kind: 'end' });
      });
      lines.prompt();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      lines.close();
    },
  };
}
