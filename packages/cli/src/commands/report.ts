import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { htmlReport, markdownReport } from '@agentteam/report';
import { Command, Option } from 'commander';
import { type Context, note } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { writeFailure } from '../write-failure.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';
import { addVolumeOptions, type VolumeOptions, volumeAccess } from './options/volume-options.ts';

const FORMATS = { html: htmlReport, markdown: markdownReport };
const ENDINGS = { html: 'html', markdown: 'md' } as const;

interface Options extends HostOptions, VolumeOptions {
  readonly volume: boolean;
  readonly output?: string;
  readonly format?: keyof typeof FORMATS;
}

const CLUSTER = `
On a cluster a short-lived pod reads the team's volume with your rights: create,
get and delete on pods, get and create on pods/exec. Without them the report
says what it lacks.`;

export function command(context: Context): Command {
  return addHostOptions(addVolumeOptions(new Command('report')))
    .description(
      'Write what a team did, found and cost as one file that can be mailed and printed.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option(
      '-o, --output <file>',
      'file to write; - for standard output (default: <run>-report.html or .md)',
    )
    .addOption(
      new Option(
        '--format <format>',
        'html: a page without scripts; markdown: for an issue or a wiki (default: by the ending of the file, otherwise html)',
      ).choices(Object.keys(FORMATS)),
    )
    .option('--no-volume', "on a cluster: start no pod, and leave out what is on the team's volume")
    .addHelpText(
      'after',
      `${CLUSTER}\n\nExamples:\n  $ agentteam report q3-report\n  $ agentteam report q3-report -o report.md\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, options: Options) => {
      const { output, format, volume, image, startTimeout, ...where } = options;
      const host = await openHost(context, where);
      const detail = await host.detail(run, volumeAccess(context, options), volume);
      const chosen =
        format ?? (output !== undefined && /\.(md|markdown)$/i.test(output) ? 'markdown' : 'html');
      const text = FORMATS[chosen](detail, new Date().toISOString());
      if (output === '-') {
        context.out.write(text);
        return;
      }
      const file = resolve(context.cwd, output ?? `${run}-report.${ENDINGS[chosen]}`);
      const write = output === undefined ? replaceFile : writePrivate;
      await write(file, text).catch((error: NodeJS.ErrnoException) => {
        throw writeFailure(output ?? file, error);
      });
      note(context, `The report is in ${file}`);
    });
}

async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

/**
 * Replaces a file whose name the person did not choose. What is there may be a link that came with the directory, and
 * leads to another file of the person.
 */
async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
