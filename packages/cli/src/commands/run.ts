import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { collectNamed } from '../run/inputs/named-paths.ts';
import type { RunOptions } from '../run/run-options.ts';
import { runTeam } from '../run/run-team.ts';
import { gatesOption } from './options/gates-option.ts';

export function command(context: Context): Command {
  return new Command('run')
    .description(
      'Runs a team on this machine and waits for its end.\n' +
        'A real run takes its credential from ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN.\n' +
        'A rehearsal needs none: real agents, files and mail, but the answers come from a script.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option(
      '--rehearse [script]',
      'rehearse: by this script, this recording or recorded run; else by rehearsal.yaml beside\nthe team file; else by a script made from the team',
    )
    .option('--name <run>', "name of the run; the team's if absent")
    .option('--dir <directory>', 'where runs are kept (default: .agentteam)')
    .option('--output <directory>', 'where the results go')
    .option('--repository <path|url>', 'work on this instead of spec.repository.url')
    .option('--configmap <name=path>', 'a directory or file as a ConfigMap', collectNamed)
    .option('--volume <claim=directory>', 'a directory as a volume claim', collectNamed)
    .option('--secret <name=path>', 'a KEY=value file or a directory as a Secret', collectNamed)
    .option('--budget <dollars>', 'spend no more than this, whatever the file says')
    .option('--prices <file>', 'price table that extends or replaces the built-in one')
    .option(
      '--api-feature <name>',
      'allow this beta, server tool or request field of the API as well',
      collect,
    )
    .option('--approve <event>', 'approve this gate in advance; all: every gate', collect)
    .addOption(gatesOption())
    .option('--sandbox', 'refuse to run without a sandbox')
    .option('--no-sandbox', 'run agents as plain processes, which may do all that you may do')
    .addOption(
      new Option(
        '--network <network>',
        "own: agents reach the internet through their gateways, nothing of this machine;\nhost: they share this machine's network, its services on localhost included",
      ).choices(['own', 'host']),
    )
    .option(
      '--reach <host|network>',
      'let agents connect to this host or block (10.0.0.0/8) of a private network, too',
      collect,
    )
    .option('--record', 'keep the replies, to rehearse this run again at no cost')
    .option('--keep', 'keep pods and scratch files after the end')
    .option('--json', 'events as JSON, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam run team.yaml --rehearse --approve all\n  $ agentteam run team.yaml --configmap quarterly-data=./data --budget 5.00\n${RUN_EXITS}`,
    )
    .action(async (given: string | undefined, options: RunOptions, command: Command) => {
      const [file, others] = teamFile(given, options);
      if (file === undefined) return command.error("error: missing required argument 'file'");
      context.exit(await runTeam(context, file, others));
    });
}

/** The word after `--rehearse` is the team file where no other is: a script is named beside a team. */
function teamFile(
  given: string | undefined,
  options: RunOptions,
): readonly [string | undefined, RunOptions] {
  const { rehearse } = options;
  if (given !== undefined || typeof rehearse !== 'string') return [given, options];
  return [rehearse, { ...options, rehearse: true }];
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
