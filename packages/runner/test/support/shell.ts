import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** A directory for one test. Its name has a space, as a user's directory may have. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'agentteam test '));
}

const PERSON = {
  GIT_AUTHOR_NAME: 'A Person',
  GIT_AUTHOR_EMAIL: 'person@example.com',
  GIT_COMMITTER_NAME: 'A Person',
  GIT_COMMITTER_EMAIL: 'person@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Runs a shell script as a person would, and returns its output. */
export async function shell(
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env: { ...PERSON, ...env },
  });
  return stdout;
}

/** A repository with one commit on `main`, with the given paths and contents. */
export async function makeRepository(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  await mkdir(directory, { recursive: true });
  await shell(
    directory,
    'git init --quiet -b main && git add --all && git commit --quiet -m "The beginning"',
  );
}
