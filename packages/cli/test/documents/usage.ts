import { Writable } from 'node:stream';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { Context } from '../../src/context.ts';
import { COMMAND_NAMES, makeProgram } from '../../src/program.ts';

/**
 * Checks arguments without running the command.
 * @param words arguments after the program's name.
 * @returns the error message; undefined when the arguments are valid.
 */
export async function misuse(words: readonly string[]): Promise<string | undefined> {
  let output = '';
  const program = await makeProgram(
    words,
    contextOf((text) => (output += text)),
    '0.0.0',
  );
  for (const command of program.commands) command.action(() => {});
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    const { exitCode, message } = error as { readonly exitCode?: number; readonly message: string };
    return exitCode === 0 ? undefined : output.split('\n')[0] || message;
  }
}

/**
 * Checks that the command and its options exist. A command in running text may omit arguments.
 * @returns the error message; undefined when they exist.
 */
export async function misnamed(words: readonly string[]): Promise<string | undefined> {
  const [verb = ''] = words;
  if (verb.startsWith('-')) return misuse(words);
  if (verb === 'help' || /^[A-Z…]/.test(verb)) return undefined;
  if (!COMMAND_NAMES.includes(verb)) return `there is no command ${verb}`;
  const program = await makeProgram(
    words,
    contextOf(() => {}),
    '0.0.0',
  );
  const command = program.commands.find((one) => one.name() === verb);
  const known = new Set(optionsOf(command).flatMap(({ long, short }) => [long, short]));
  const unknown = words
    .filter((word) => /^--?[a-z]/i.test(word))
    .map((word) => word.split('=')[0] ?? word)
    .find((option) => !known.has(option) && option !== '--help');
  return unknown && `${verb} has no option ${unknown}`;
}

function optionsOf(command: Command | undefined): Command['options'] {
  return command?.options ?? [];
}

function contextOf(write: (text: string) => void): Context {
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      write(String(chunk));
      done();
    },
  }) as unknown as Context['out'];
  return {
    cwd: '/',
    env: {},
    out: stream,
    err: stream,
    in: process.stdin,
    colors: pc.createColors(false),
    signal: new AbortController().signal,
    isPlugin: false,
    verbose: false,
    exit: () => {},
  };
}
