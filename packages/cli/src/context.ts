import { jsonText } from '@agentteam/text';
import type { Colors } from './output/terminal/colors.ts';

/** What a command may use of the process it runs in. Read once, in `main.ts`. */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly in: NodeJS.ReadStream;
  readonly colors: Colors;
  /** Aborted at the first Ctrl-C or SIGTERM: stop everything, keep what there is. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
  /** Started by kubectl, as `kubectl agentteam`. */
  readonly isPlugin: boolean;
  /** Sets how the process will end, once the command is through. */
  exit(code: number): void;
}

/** Writes lines to standard output. */
export function print(context: Context, ...lines: readonly string[]): void {
  for (const line of lines) context.out.write(`${line}\n`);
}

/** Writes one JSON document to standard output. @param indent 0: on one line. */
export function printJson(context: Context, value: unknown, indent = 2): void {
  print(context, jsonText(value, indent));
}

/** Writes lines beside the output proper: notes, warnings, progress. */
export function note(context: Context, ...lines: readonly string[]): void {
  for (const line of lines) context.err.write(`${line}\n`);
}
