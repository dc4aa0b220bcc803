import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Reads what anybody on a machine can read of processes that begin (arguments) and what their owner
 * can (environment), as fast as it can, until stdin ends. The first line of stdin says what it looks
 * for, as JSON: an array of texts. Prints which programs it saw and where it found one of these.
 *
 * Its argument is a directory: a file there stands for a process that waits to be seen, and is
 * removed when every process that ran since it was made has been looked at.
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

/** A script's is its own, not its interpreter's. */
function nameOf([program = '', script = '']: readonly string[]): string {
  return basename(script.startsWith('/') && basename(program) === 'sh' ? script : program);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended, or is somebody else's.
    return '';
  }
}
