import { textFor } from '@agentteam/text';

/*
 * All that a step prints. `kubectl logs` shows it as it is, so words of agents, of their tools and of
 * the repository's programs get here without what steers a terminal.
 */

/** Prints lines on standard output. */
export function say(text: string): void {
  process.stdout.write(`${textFor('log', text)}\n`);
}

/** Prints lines on standard error. */
export function complain(text: string): void {
  passOnError(`${text}\n`);
}

/** Passes on a part of what another program writes to standard error. */
export function passOnError(part: string): void {
  process.stderr.write(textFor('log', part));
}
