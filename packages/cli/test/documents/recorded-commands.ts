import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A word is kept from the next by one byte, a command from the next by another. */
const UNIT = '\x1f';
const RECORD = '\x1e';

/**
 * Makes bash read a block as it would read it to run it, but finds no program: each that is called
 * for is written down with its words. Quotes, continued lines, pipes, here-documents and
 * substitutions are so what bash takes them for.
 */
const PRELUDE = `
command_not_found_handle() { local IFS=$'\\x1f'; printf '%s\\x1e' "$*" >> "$AGENTTEAM_RECORD"; }
cd() { :; }
source() { command_not_found_handle source "$@"; }
PATH=/nonexistent
`;

/**
 * The commands of a block, each with its words.
 * @throws Error when bash does not understand it.
 */
export async function commandsOf(text: string): Promise<readonly (readonly string[])[]> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam words '));
  const record = join(directory, 'record');
  try {
    await writeFile(record, '');
    await execa('/bin/bash', ['--norc', '-c', `${PRELUDE}\n${text}`], {
      cwd: directory,
      extendEnv: false,
      env: { HOME: directory, AGENTTEAM_RECORD: record },
      stdin: 'ignore',
    });
    const commands = (await readFile(record, 'utf8')).split(RECORD).slice(0, -1);
    return commands.map((command) => command.split(UNIT));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
