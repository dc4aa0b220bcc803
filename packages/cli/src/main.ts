#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { basename } from 'node:path';
import { PRODUCT_VERSION } from '@agentteam/contract';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { type Context, note } from './context.ts';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { interruption } from './interruption.ts';
import { makeProgram } from './program.ts';
import { storageFailure } from './storage-failure.ts';
import { oneLine, safe } from './terminal/safe.ts';

// Commands are loaded when they are asked for: from the second time on without being parsed again.
enableCompileCache();

const argv = process.argv.slice(2);
/** Why an output takes nothing more, by the name of the stream. */
const lost = new Map<string, Error>();
const signal = interruption(process, (stream, error) => lost.set(stream, error));
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

// Node would print where in our code it happened. Containers end by themselves when they see that it is gone.
process.on('uncaughtException', (error) => process.exit(report(error)));

try {
  const program = await makeProgram(argv, context, PRODUCT_VERSION);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  exitCode = report(error);
}
await Promise.all([process.stdout, process.stderr].map(written));
for (const [stream, { message }] of lost) {
  // A person who reads the one hears of the other.
  note(context, `${context.colors.red('✗')} ${stream} takes nothing more: ${message}`);
  exitCode = CLI_EXIT.storage;
}
process.exitCode = exitCode;

/** Resolves when all that was written to a stream has been taken, or refused. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // A refusal is told by an event of its own, which comes first.
    stream.write('', () => setImmediate(resolve));
  });
}

/** Prints an error the way a person needs it, and says how the process should end. */
function report(thrown: unknown): number {
  const error = storageFailure(thrown) ?? thrown;
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
