import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Reads the arguments of new processes, which every user can read, and their environments, which their
 * owner can, as fast as possible until stdin ends. The first line of stdin has the texts to search for,
 * as a JSON array. Prints the programs that it saw, and where it found one of the texts.
 *
 * Its argument is a directory. Each file there is a process that waits to be inspected. The file is
 * removed when all processes that have run since then were inspected.
 */
const waiting = process.argv[2] ?? '';
const before = new Set(readdirSync('/proc'));
const programs = new Set<string>();
const found = new Set<string>();
let ended = false;

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  process.stdout.write('ready\n');
  look(JSON.parse(line) as readonly string[]);
});
lines.once('close', () => {
  ended = true;
});

function look(wanted: readonly string[]): void {
  const until = Date.now() + 50;
  do {
    const held = readdirSync(waiting);
    for (const pid of readdirSync('/proc'))
      if (/^\d+$/.test(pid) && !before.has(pid)) inspect(pid, wanted);
    for (const file of held) rmSync(join(waiting, file));
  } while (Date.now() < until);
  if (ended) process.stdout.write(JSON.stringify({ programs: [...programs], found: [...found] }));
  else setImmediate(look, wanted);
}

function inspect(pid: string, wanted: readonly string[]): void {
  const args = read(`/proc/${pid}/cmdline`);
  const program = nameOf(args.split('\0'));
  if (program !== '') programs.add(program);
  for (const [place, text] of [
    ['arguments', args],
    ['environment', read(`/proc/${pid}/environ`)],
  ] as const) {
    if (wanted.some((one) => text.includes(one))) found.add(`${place} of ${program}`);
  }
}

/** For a script, the script's name and not the interpreter's. */
function nameOf([program = '', script = '']: readonly string[]): string {
  return basename(script.startsWith('/') && basename(program) === 'sh' ? script : program);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended, or belongs to another user.
    return '';
  }
}
