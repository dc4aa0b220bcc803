import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const { PATH = '' } = process.env;

/**
 * Puts a program in front of git that ends one of git's commands with SIGKILL, the first time it is called. The
 * caller restores PATH.
 * @param directory an existing directory for the program.
 * @param when whether the command does its work first.
 */
export async function killGitOnce(
  directory: string,
  command: string,
  when: 'before' | 'after' = 'before',
): Promise<void> {
  const mark = join(directory, 'killed');
  const work = when === 'after' ? `PATH='${PATH}' git "$@"; ` : '';
  const program = `#!/bin/sh
case " $* " in *" ${command} "*) [ -e '${mark}' ] || { : > '${mark}'; ${work}kill -9 $$; } ;; esac
PATH='${PATH}' exec git "$@"
`;
  await writeFile(join(directory, 'git'), program);
  await chmod(join(directory, 'git'), 0o755);
  process.env['PATH'] = `${directory}${delimiter}${PATH}`;
}

export function restorePath(): void {
  process.env['PATH'] = PATH;
}
