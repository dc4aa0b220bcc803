import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatProblems } from '@agentteam/compiler';
import { parseScript, type Script } from '@agentteam/rehearsal';
import { usageError } from '../failure.ts';
import { RECORDINGS } from './replay/open-recording.ts';

/** The source of the model's replies in a rehearsal. `team`: a script that is generated from the team. */
export type RehearsalSource =
  | { readonly kind: 'team' }
  | { readonly kind: 'script'; readonly path: string; readonly text: string }
  | { readonly kind: 'recording'; readonly directory: string };

/** Name of the default script, beside the team file. */
const BESIDE = 'rehearsal.yaml';

/**
 * Finds the source for `--rehearse`.
 * @param option value of the option: a script, the directory of a recording, or the name of a recorded run;
 * `true` when the option has no value.
 * @throws Failure when the value is none of these.
 */
export async function findRehearsalSource(
  option: string | true,
  cwd: string,
  teamFile: string,
  runs: string,
): Promise<RehearsalSource> {
  if (option === true) {
    const beside = join(dirname(teamFile), BESIDE);
    return (await isFile(beside)) ? readScript(beside) : { kind: 'team' };
  }
  const path = resolve(cwd, option);
  if (await isFile(path)) return readScript(path);
  for (const directory of [path, join(path, RECORDINGS), join(runs, option, RECORDINGS)]) {
    if (await isRecording(directory)) return { kind: 'recording', directory };
  }
  const isThere = (await stat(path).catch(() => undefined)) !== undefined;
  throw usageError(
    isThere
      ? `--rehearse ${option}: expected a script or a recording`
      : `--rehearse ${option}: there is no such script or recorded run`,
    'Give a script (YAML), or the name of a run that was started with --record.',
  );
}

/** @throws Failure listing every problem of the script. */
export function parseRehearsalScript(text: string, file: string): Script {
  const { script, problems } = parseScript(text, file);
  if (script !== undefined) return script;
  const list = formatProblems(problems, { file, text });
  throw usageError(`the rehearsal script is not valid\n\n${list}`);
}

async function readScript(path: string): Promise<RehearsalSource> {
  const text = await readFile(path, 'utf8');
  parseRehearsalScript(text, path);
  return { kind: 'script', path, text };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** Whether a directory has numbered replies in a directory for each agent. */
async function isRecording(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  return entries.some((name) => /\d+\.meta\.json$/.test(name));
}
