import { IMAGE_ENGINES, type ImageEngine } from '@agentteam/local';
import { Command, Option } from 'commander';
import { type Context, note } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { executeRun } from '../run/execute-run.ts';
import { prepareRun } from '../run/prepare-run.ts';
import type { RunOptions } from '../run/run-options.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { collect, collectPaths, parseBudget } from './options/parsers.ts';
import { gatesOption } from './options/shared-options.ts';

export function command(context: Context): Command {
  return new Command('run')
    .description(
      'Run a team on this machine and wait until it has ended.\n\n' +
        'A real run takes its credential from ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN. ' +
        'A rehearsal needs no credential: the agents, files and mail are real, but the ' +
        'replies of the model come from a script.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option(
      '--rehearse [script]',
      'rehearse with this script, recording or recorded run (default: rehearsal.yaml beside the team file, or a script made from the team)',
    )
    .option('--name <run>', "name of the run (default: the team's name)")
    .option('--dir <directory>', 'directory of the runs (default: .agentteam)')
    .option('--output <directory>', 'directory for the results')
    .option('--repository <path|url>', 'repository to use instead of spec.repository.url')
    .option(
      '--configmap <name=path>',
      'directory or file to use as a ConfigMap (repeatable)',
      collectPaths,
    )
    .option(
      '--volume <claim=directory>',
      'directory to use as a volume claim (repeatable)',
      collectPaths,
    )
    .option(
      '--secret <name=path>',
      'file of KEY=value lines or directory to use as a Secret (repeatable)',
      collectPaths,
    )
    .option('--budget <dollars>', "budget of the team, instead of the file's", parseBudget)
    .option('--prices <file>', 'price table that extends or replaces the built-in one')
    .option(
      '--api-feature <name>',
      'also allow this beta, server tool, request field or source of files of the API (repeatable)',
      collect,
    )
    .option(
      '--approve <event>',
      'approve this gate in advance; all for every gate (repeatable)',
      collect,
    )
    .addOption(gatesOption())
    .option('--sandbox', 'require a sandbox in a rehearsal too')
    .option('--no-sandbox', 'run agents as ordinary processes with your rights')
    .addOption(
      new Option(
        '--network <network>',
        'own: agents reach the internet through their gateways and no service of this machine; host: agents share the network of this machine, including services on localhost',
      ).choices(['own', 'host']),
    )
    .option(
      '--containers [engine]',
      'run agents in the images of their environments, with podman or docker (default: with the programs of this machine)',
    )
    .option(
      '--reach <host|network>',
      'let agents connect to this host or block (10.0.0.0/8) of a private network (repeatable)',
      collect,
    )
    .option('--fetch', 'fetch skills and plugins in a rehearsal too')
    .option('--record', 'keep the replies, so that the run can be rehearsed at no cost')
    .option('--keep', 'keep pods and scratch files after the end')
    .option('--json', 'print events as JSON, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam run team.yaml --rehearse --approve all\n  $ agentteam run team.yaml --configmap quarterly-data=./data --budget 5.00\n${RUN_EXITS}`,
    )
    .action(async (given: string | undefined, options: GivenOptions, command: Command) => {
      const { containers } = options;
      if (
        given !== undefined &&
        typeof containers === 'string' &&
        engineOf(containers) === undefined
      ) {
        return command.error(
          `error: option '--containers [engine]' argument '${containers}' is invalid. Allowed choices are ${IMAGE_ENGINES.join(', ')}.`,
        );
      }
      const [file, others] = teamFile(given, options);
      if (file === undefined) return command.error("error: missing required argument 'file'");
      context.exit(await run(context, file, others));
    });
}

/** The options before the team file is separated from them. */
type GivenOptions = Omit<RunOptions, 'containers'> & { readonly containers?: string | true };

function engineOf(text: string | true | undefined): ImageEngine['name'] | undefined {
  return IMAGE_ENGINES.find((engine) => engine === text);
}

/**
 * Separates the team file from the options `--rehearse [script]` and `--containers [engine]`. In
 * `run --rehearse team.yaml` commander takes the team file for the script.
 */
function teamFile(
  given: string | undefined,
  options: GivenOptions,
): readonly [string | undefined, RunOptions] {
  const { rehearse, containers, ...others } = options;
  const known: RunOptions = {
    ...others,
    ...(rehearse !== undefined && { rehearse }),
    ...(containers !== undefined && { containers: engineOf(containers) ?? true }),
  };
  if (given === undefined && typeof containers === 'string' && engineOf(containers) === undefined) {
    return [containers, known];
  }
  if (given !== undefined || typeof rehearse !== 'string') return [given, known];
  return [rehearse, { ...known, rehearse: true }];
}

/** @returns the exit code. */
async function run(context: Context, file: string, options: RunOptions): Promise<number> {
  const { record, rehearsal, notes } = await prepareRun(context, file, options);
  for (const text of notes) note(context, context.colors.dim(text));
  return executeRun(context, runsDirectory(context, options.dir), record, {
    json: options.json === true,
    ...(options.gates !== undefined && { gates: options.gates }),
    ...(rehearsal !== undefined && { rehearsal }),
  });
}
