#!/usr/bin/env node
import { basename } from 'node:path';
import { PRODUCT_VERSION } from '@agentteam/contract';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { type Context, note, printFailure } from './context.ts';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { interruption } from './interruption.ts';
import { oneLine, safe } from './output/terminal/safe.ts';
import { makeProgram } from './program.ts';

const argv = process.argv.slice(2);
/** Write errors by the name of the stream. */
const lostOutputs = new Map<string, Error>();
const signal = interruption(process, (stream, error) => lostOutputs.set(stream, error));
let exitCode: number = CLI_EXIT.completed;

const context: Context = {
  cwd: workingDirectory(),
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

// Without this, Node would print our source code. Containers end by themselves when this process exits.
process.on('uncaughtException', (error) => void report(error).then((code) => process.exit(code)));

try {
  const program = await makeProgram(argv, context, PRODUCT_VERSION);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  exitCode = await report(error);
}
await Promise.all([process.stdout, process.stderr].map(flushed));
for (const [stream, { message }] of lostOutputs) {
  note(context, `${context.colors.red('✗')} cannot write to ${stream}: ${message}`);
  exitCode = CLI_EXIT.storage;
}
process.exitCode = exitCode;

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    const hint = 'Change to another directory, and run the command again.';
    process.stderr.write(`✗ the working directory no longer exists\n  ${hint}\n`);
    return process.exit(CLI_EXIT.usage);
  }
}

/** Resolves when everything written to a stream has been accepted or has failed. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // After a failed write, `setImmediate` lets the stream emit its `error` event first.
    stream.write('', () => setImmediate(resolve));
  });
}

/** Prints an error for a person. @returns the exit code of the process. */
async function report(thrown: unknown): Promise<number> {
  // A command that could not be finished after Ctrl-C throws the signal's reason.
  if (signal.aborted && thrown === signal.reason) {
    note(context, `${context.colors.red('✗')} interrupted`);
    return CLI_EXIT.interrupted;
  }
  if (thrown instanceof CommanderError) {
    // Commander has already printed the message. It also throws after printing help or the version.
    return thrown.exitCode === 0 ? CLI_EXIT.completed : CLI_EXIT.usage;
  }
  const error = await explained(thrown);
  const { red, dim } = context.colors;
  if (error instanceof Failure) printFailure(context, error);
  else note(context, `${red('✗')} ${safe(error instanceof Error ? error.message : String(error))}`);
  if (context.verbose && error instanceof Error) note(context, dim(safe(error.stack ?? '')));
  else if (!(error instanceof Failure)) {
    note(context, dim(`  add --verbose for the stack trace${causeOf(error)}`));
  }
  return error instanceof Failure ? error.exitCode : CLI_EXIT.failed;
}

/** Explains an error of the file system. Only then is the code for it loaded, so that every start is shorter. */
async function explained(error: unknown): Promise<unknown> {
  if (error instanceof Failure) return error;
  try {
    const { storageFailure } = await import('./storage-failure.ts');
    return storageFailure(error) ?? error;
  } catch {
    // There may be no file descriptor left. The error itself matters more.
    return error;
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error
    ? ` (${oneLine(error.cause.message)})`
    : '';
}
