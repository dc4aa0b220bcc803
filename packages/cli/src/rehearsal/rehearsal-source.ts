import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatProblems } from '@agentteam/compiler';
import { parseScript, type Script } from '@agentteam/rehearsal';
import { usageError } from '../failure.ts';
import { RECORDINGS } from './replay/open-recording.ts';

/** What plays the model in a rehearsal. */
export type RehearsalSource =
  | { readonly kind: 'team' }
  | { readonly kind: 'script'; readonly path: string; readonly text: string }
  | { readonly kind: 'recording'; readonly directory: string };

/** File beside the team's that is its script where none is named. */
const BESIDE = 'rehearsal.yaml';

/**
 * @param asked the option's value: a script, a recording's directory, the name of a recorded run,
 * or `true` where only a rehearsal was asked for.
 * @throws Failure for a name behind which there is none of these.
 */
export async function findRehearsalSource(
  asked: string | true,
  cwd: string,
  teamFile: string,
  runs: string,
): Promise<RehearsalSource> {
  if (asked === true) {
    const beside = join(dirname(teamFile), BESIDE);
    return (await isFile(beside)) ? readScript(beside) : { kind: 'team' };
  }
  const path = resolve(cwd, asked);
  if (await isFile(path)) return readScript(path);
  for (const directory of [path, join(path, RECORDINGS), join(runs, asked, RECORDINGS)]) {
    if (await isRecording(directory)) return { kind: 'recording', directory };
  }
  throw usageError(
    `--rehearse ${asked}: neither a script nor a recording`,
    'Name a script (YAML), or a run that was made with --record.',
  );
}

/** @throws Failure with every problem of the script. */
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

/** A directory for each agent, with numbered replies in it. */
async function isRecording(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  return entries.some((name) => /\d+\.meta\.json$/.test(name));
}
