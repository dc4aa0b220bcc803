#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { basename } from 'node:path';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { type Context, note } from './context.ts';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { interruption } from './interruption.ts';
import { makeProgram } from './program.ts';
import { oneLine, safe } from './terminal/safe.ts';
import { VERSION } from './version.ts';

// Commands are loaded when they are asked for: from the second time on without being parsed again.
enableCompileCache();

const argv = process.argv.slice(2);
const signal = interruption(process);
let exitCode: number = CLI_EXIT.completed;

const context: Context = {
  cwd: process.cwd(),
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  in: process.stdin,
  colors: pc.createColors(pc.isColorSupported && process.stdout.isTTY === true),
  signal,
  isPlugin: basename(process.argv[1] ?? '').startsWith('kubectl-'),
  verbose: argv.includes('--verbose') || argv.includes('-v'),
  exit: (code) => {
    exitCode = code;
  },
};

try {
  const program = await makeProgram(argv, context, VERSION);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  exitCode = report(error);
}
process.exitCode = exitCode;

/** Prints an error the way a person needs it, and says how the process should end. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version are no errors.
    return error.exitCode === 0 ? CLI_EXIT.completed : CLI_EXIT.usage;
  }
  const { red, dim } = context.colors;
  const message = error instanceof Error ? error.message : String(error);
  note(context, `${red('✗')} ${safe(message)}`);
  if (error instanceof Failure && error.wayOut !== undefined) note(context, `  ${error.wayOut}`);
  if (context.verbose && error instanceof Error) note(context, dim(safe(error.stack ?? '')));
  else if (!(error instanceof Failure)) {
    note(context, dim(`  --verbose shows where this came from${causeOf(error)}`));
  }
  return error instanceof Failure ? error.exitCode : CLI_EXIT.failed;
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error
    ? ` (${oneLine(error.cause.message)})`
    : '';
}
