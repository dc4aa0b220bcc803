import { resolve } from 'node:path';
import { shellWord } from '@agentteam/text';
import { isGitPath } from '@agentteam/volume';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { makeDirectories } from '../make-directories.ts';
import { plural } from '../output/terminal/quantities.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { table } from '../output/terminal/table.ts';
import { type Copied, type CopyOptions, copyFile } from '../outputs/copy-file.ts';
import { listFiles, tooManyFiles } from '../outputs/list-files.ts';
import { requireRoom } from '../outputs/require-room.ts';
import type { OutputFile, OutputFiles } from '../outputs/result-files.ts';
import { TransferProgress } from '../outputs/transfer-progress.ts';
import { BUNDLE } from '../outputs/write-bundle.ts';
import type { Outputs, ResultBranch } from '../teams/team-host.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';
import { addVolumeOptions, type VolumeOptions, volumeAccess } from './options/volume-options.ts';

interface Options extends HostOptions, VolumeOptions {
  readonly to?: string;
  readonly force?: true;
  readonly json?: true;
}

const CLUSTER = `
On a cluster the results are on a claim. A short-lived pod reads it with your
rights: create, get and delete on pods, get and create on pods/exec. The pod is
deleted at the end. An interrupted transfer continues when you run the command
again.`;

export function command(context: Context): Command {
  const outputs = new Command('outputs')
    .description(
      'List what a team produced, or fetch it and verify the copies. For a coding team, fetch also writes its result as a git bundle.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('[paths...]', 'files and directories of the results (default: all)')
    .option('--to <directory>', 'fetch into this directory, which is created')
    .option('--force', 'replace files that are there with another content')
    .option('--json', 'print JSON');
  return addHostOptions(addVolumeOptions(outputs))
    .addHelpText(
      'after',
      `${CLUSTER}\n\nExamples:\n  $ agentteam outputs q3-report\n  $ agentteam outputs q3-report --to results report.md\n  $ agentteam outputs q3-report -n reports --to results\n${PLAIN_EXITS}  130  interrupted; run the command again to continue\n`,
    )
    .action(async (run: string, paths: readonly string[], options: Options) => {
      const { to, force = false, json = false, image, startTimeout, ...where } = options;
      if (force && to === undefined) {
        throw usageError('--force applies only to --to', 'Name a directory with --to.');
      }
      const access = volumeAccess(context, options);
      const found = await (await openHost(context, where)).outputs(run, access);
      try {
        if (to === undefined) return await list(context, run, found, paths, json);
        await fetch(context, run, found, { paths, to: resolve(context.cwd, to), force, json });
      } finally {
        await found.close();
      }
    });
}

function noFiles({ hasEnded }: Outputs): string {
  return hasEnded ? 'The team left no files.' : 'There are no files yet.';
}

function noResults(run: string, { hasEnded, reference }: Outputs): Failure {
  return hasEnded
    ? new Failure(`${run} ended without a result`, {
        hint: `To see why, and whether its agents left work, run: agentteam get ${reference}`,
      })
    : new Failure(`${run} has no results yet`, {
        hint: 'A coding team has a result when it has ended.',
      });
}

async function list(
  context: Context,
  run: string,
  outputs: Outputs,
  paths: readonly string[],
  json: boolean,
): Promise<void> {
  const result = await outputs.result?.();
  if (outputs.files === undefined && result === undefined) throw noResults(run, outputs);
  const { files, cut } = await filesOf(outputs, paths);
  if (cut && outputs.files !== undefined) {
    const { message, hint } = tooManyFiles(outputs.files);
    note(context, `${oneLine(message)}. ${hint}`);
  }
  if (json) {
    const { branch, command: get } = result ?? {};
    return printJson(context, { files, ...(branch !== undefined && { branch, command: get }) });
  }
  const rows = files.map(({ path, bytes }) => [oneLine(path), bytes.toLocaleString('en-US')]);
  if (rows.length > 0) {
    print(context, ...table([{ title: 'FILE' }, { title: 'BYTES', align: 'right' }], rows));
  }
  if (result !== undefined) {
    print(
      context,
      `The result is the branch ${oneLine(result.branch)}: ${oneLine(result.command)}`,
    );
  } else if (rows.length === 0) note(context, noFiles(outputs));
}

async function filesOf(outputs: Outputs, paths: readonly string[]): Promise<OutputFiles> {
  return outputs.files === undefined ? { files: [], cut: false } : listFiles(outputs.files, paths);
}

interface FetchOptions {
  readonly paths: readonly string[];
  readonly to: string;
  readonly force: boolean;
  readonly json: boolean;
}

async function fetch(
  context: Context,
  run: string,
  outputs: Outputs,
  { paths, to, force, json }: FetchOptions,
): Promise<void> {
  if (paths.length > 0 && outputs.files === undefined) {
    throw usageError(`${run} has no files, because its team has no spec.workspace.output`);
  }
  const result = paths.length === 0 ? await outputs.result?.() : undefined;
  if (outputs.files === undefined && result === undefined) throw noResults(run, outputs);
  const { files: listed, cut } = await filesOf(outputs, paths);
  if (cut && outputs.files !== undefined) throw tooManyFiles(outputs.files);
  const files = listed.filter(({ path }) => !isGitPath(path));
  reportOmitted(context, listed);
  await makeDirectories(to);
  await requireRoom(to, files);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = new TransferProgress(context, total);
  const options: CopyOptions = { force, onBytes: (bytes) => progress.add(bytes) };
  const copied: Copied[] = [];
  try {
    for (const { path } of files) {
      context.signal.throwIfAborted();
      const file = await outputs.files?.open(path);
      if (file === undefined) continue;
      try {
        copied.push(await copyFile(file, to, path, options));
      } finally {
        await file.close();
      }
    }
  } finally {
    progress.end();
  }
  const bundle = await result?.bundle(to, { force, onBytes: () => {} });
  if (json) {
    return printJson(context, { files: copied, ...(bundle !== undefined && { bundle }) });
  }
  report(context, to, copied);
  if (copied.length === 0 && bundle === undefined) note(context, noFiles(outputs));
  if (bundle !== undefined) reportBundle(context, result, bundle);
}

/** Git runs programs that the configuration in such a directory names, and agents wrote it. */
function reportOmitted(context: Context, listed: readonly OutputFile[]): void {
  const [first, ...more] = listed.filter(({ path }) => isGitPath(path));
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` and ${plural(more.length, 'other file')}`;
  note(
    context,
    `${oneLine(first.path)}${others} not fetched: git reads such paths as a part of a repository. To get them, ask the team to pack them into a file.`,
  );
}

function report(context: Context, to: string, copied: readonly Copied[]): void {
  if (copied.length === 0) return;
  const kept = copied.filter(({ isKept }) => isKept).length;
  const was = kept === 0 ? '' : ` (${kept} ${kept === 1 ? 'was' : 'were'} there already)`;
  note(context, `Fetched and verified ${plural(copied.length, 'file')}${was}: ${to}`);
  const continued = copied.filter(({ continuedFrom }) => continuedFrom !== undefined).length;
  if (continued > 0) {
    note(context, `The interrupted transfer of ${plural(continued, 'file')} was continued.`);
  }
}

function reportBundle(context: Context, result: ResultBranch | undefined, bundle: string): void {
  const clone = `git clone --branch ${shellWord(result?.branch ?? '')} ${shellWord(bundle)}`;
  note(context, `The result is in ${BUNDLE}: ${clone}`);
  if (result?.command.startsWith('git ')) {
    note(context, `Or in a clone: ${oneLine(result.command)}`);
  }
}
