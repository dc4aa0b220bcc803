import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { shellWord } from '@agentteam/text';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { plural } from '../output/terminal/quantities.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { table } from '../output/terminal/table.ts';
import { type Copied, copyFile } from '../outputs/copy-file.ts';
import { listFiles } from '../outputs/list-files.ts';
import { BUNDLE, writeBundle } from '../outputs/write-bundle.ts';
import type { Outputs } from '../teams/team-host.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly to?: string;
  readonly force?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('outputs'))
    .description(
      'List what a team produced, or fetch it and verify the copies. For a coding team, fetch also writes its result as a git bundle.',
    )
    .argument('<run>', 'name of the run')
    .argument('[paths...]', 'files and directories of the results (default: all)')
    .option('--to <directory>', 'fetch into this directory, which is created')
    .option('--force', 'replace files that are there with another content')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam outputs q3-report\n  $ agentteam outputs q3-report --to results report.md\n${PLAIN_EXITS}`,
    )
    .action(
      async (run: string, paths: readonly string[], { to, force, json, ...options }: Options) => {
        if (force && to === undefined) {
          throw usageError('--force applies only to --to', 'Name a directory with --to.');
        }
        const outputs = await (await openHost(context, options)).outputs(run);
        if (outputs.directory === undefined && outputs.result === undefined) {
          throw new Failure(`${run} has no results yet`, {
            hint: 'A coding team has a result when it has ended.',
          });
        }
        if (to === undefined) return list(context, outputs, paths, json === true);
        await fetch(context, outputs, {
          paths,
          to: resolve(context.cwd, to),
          force: force === true,
          json: json === true,
        });
      },
    );
}

async function list(
  context: Context,
  { directory, result }: Outputs,
  paths: readonly string[],
  json: boolean,
): Promise<void> {
  const files = directory === undefined ? [] : await listFiles(directory, paths);
  if (json) {
    return printJson(context, { files, ...(result !== undefined && { branch: result.branch }) });
  }
  const rows = files.map(({ path, bytes }) => [oneLine(path), bytes.toLocaleString('en-US')]);
  if (rows.length > 0) {
    print(context, ...table([{ title: 'FILE' }, { title: 'BYTES', align: 'right' }], rows));
  }
  if (result !== undefined) {
    const fetch = `git fetch ${shellWord(result.repository)} ${shellWord(result.branch)}`;
    print(context, `The result is the branch ${oneLine(result.branch)}: ${fetch}`);
  } else if (rows.length === 0) note(context, 'There are no files yet.');
}

interface FetchOptions {
  readonly paths: readonly string[];
  readonly to: string;
  readonly force: boolean;
  readonly json: boolean;
}

async function fetch(
  context: Context,
  { directory, result }: Outputs,
  { paths, to, force, json }: FetchOptions,
): Promise<void> {
  const files = directory === undefined ? [] : await listFiles(directory, paths);
  await mkdir(to, { recursive: true });
  const copied: Copied[] = [];
  for (const { path } of files) {
    context.signal.throwIfAborted();
    copied.push(await copyFile(directory ?? '', to, path, force));
  }
  const bundle =
    result !== undefined && paths.length === 0
      ? await writeBundle(result.repository, result.branch, to, force)
      : undefined;
  if (json) {
    return printJson(context, { files: copied, ...(bundle !== undefined && { bundle }) });
  }
  const kept = copied.filter(({ isKept }) => isKept).length;
  const was = kept === 0 ? '' : ` (${kept} of them were there already)`;
  if (copied.length > 0) {
    note(context, `Fetched ${plural(copied.length, 'file')}${was} and verified them: ${to}`);
  }
  if (bundle !== undefined) {
    const clone = `git clone --branch ${shellWord(result?.branch ?? '')} ${shellWord(bundle)}`;
    note(context, `The result is in ${BUNDLE}: ${clone}`);
  }
}
