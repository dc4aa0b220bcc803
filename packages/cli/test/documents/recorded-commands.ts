import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** Separators of words and commands in the record. */
const UNIT = '\x1f';
const RECORD = '\x1e';

/**
 * Makes bash record each program with its arguments instead of running it. Bash itself interprets quotes,
 * continued lines, pipes, here-documents and substitutions.
 */
const PRELUDE = `
command_not_found_handle() { local IFS=$'\\x1f'; printf '%s\\x1e' "$*" >> "$AGENTTEAM_RECORD"; }
cd() { :; }
source() { command_not_found_handle source "$@"; }
PATH=/nonexistent
`;

/**
 * Lists the commands of a block with their arguments.
 * @throws Error when bash cannot parse the block.
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
