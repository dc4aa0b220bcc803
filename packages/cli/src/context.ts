import { jsonText } from '@agentteam/text';
import type { Failure } from './failure.ts';
import type { Colors } from './output/terminal/colors.ts';
import { safe } from './output/terminal/safe.ts';

/** What a command may use of its process. `main.ts` reads it once. */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly in: NodeJS.ReadStream;
  readonly colors: Colors;
  /** Aborted at the first Ctrl-C or SIGTERM: the command must stop and keep its work. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
  /** Whether kubectl started the program, as `kubectl agentteam`. */
  readonly isPlugin: boolean;
  /** Sets the exit code of the process. */
  exit(code: number): void;
}

/** Writes lines to standard output. */
export function print(context: Context, ...lines: readonly string[]): void {
  for (const line of lines) context.out.write(`${line}\n`);
}

/** Writes one JSON document to standard output. @param indent 0 for a document on one line. */
export function printJson(context: Context, value: unknown, indent = 2): void {
  print(context, jsonText(value, indent));
}

/** Writes lines to standard error: notes, warnings and progress. */
export function note(context: Context, ...lines: readonly string[]): void {
  for (const line of lines) context.err.write(`${line}\n`);
}

/** Writes an error for the person at the terminal to standard error, with what to do about it. */
export function printFailure(context: Context, { message, hint }: Failure): void {
  note(context, `${context.colors.red('✗')} ${safe(message)}`);
  if (hint !== undefined) note(context, `  ${safe(hint)}`);
}
