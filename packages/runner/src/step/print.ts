import { textFor } from '@agentteam/text';

/*
 * Everything that a step prints. `kubectl logs` shows it unchanged, so text from agents, their tools
 * and the repository's programs is stripped of terminal control characters here.
 */

/** Prints lines to standard output. */
export function print(text: string): void {
  process.stdout.write(`${textFor('log', text)}\n`);
}

/** Prints lines to standard error. */
export function printError(text: string): void {
  printErrorChunk(`${text}\n`);
}

/** Prints a part of another program's error output, without adding a newline. */
export function printErrorChunk(chunk: string): void {
  process.stderr.write(textFor('log', chunk));
}
