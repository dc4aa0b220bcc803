import { visibleIn } from '@agentteam/text';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { usageError } from '../failure.ts';
import { agentTeamObject } from '../output/view/agent-team-object.ts';
import { describeTeam } from '../output/view/describe-team.ts';
import { wholeTranscript } from '../teams/whole-transcript.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';
import { addVolumeOptions, type VolumeOptions, volumeAccess } from './options/volume-options.ts';

interface Options extends HostOptions, VolumeOptions {
  readonly volume?: true;
  readonly output?: 'yaml' | 'json';
  readonly json?: true;
  readonly detail?: true;
  readonly transcript?: string;
}

export function command(context: Context): Command {
  return addHostOptions(addVolumeOptions(new Command('get')))
    .description('Show a team in the style of kubectl describe, and where its results are.')
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .addOption(
      new Option('-o, --output <format>', 'print the AgentTeam object with its status').choices([
        'yaml',
        'json',
      ]),
    )
    .option('--json', 'same as --output json')
    .option(
      '--detail',
      'print everything that is known about the team as JSON: steps, agents, mail, costs, results',
    )
    .option('--transcript <agent>', 'print the conversation of an agent as JSON, one entry a line')
    .option(
      '--volume',
      "with --detail or --transcript, on a cluster: read the team's volume through a pod",
    )
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam get q3-report\n  $ agentteam get q3-report -n reports -o yaml\n  $ agentteam get q3-report --detail\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, all: Options) => {
      const { detail, transcript, volume = false, image, startTimeout, ...options } = all;
      if (volume && !detail && transcript === undefined) {
        throw usageError('--volume applies only to --detail and --transcript');
      }
      const host = await openHost(context, options);
      if (transcript !== undefined) {
        if (detail || options.output === 'yaml') {
          throw usageError(
            '--transcript prints only entries as JSON',
            'Remove --detail and --output yaml.',
          );
        }
        const entries = wholeTranscript(host, run, transcript, volume, context.signal);
        for await (const entry of entries) printJson(context, visibleIn(entry), 0);
        return;
      }
      if (detail) {
        if (options.output === 'yaml') {
          throw usageError('--detail prints JSON', 'Remove --output yaml.');
        }
        const access = volumeAccess(context, all);
        return printJson(context, visibleIn(await host.detail(run, access, volume)));
      }
      const team = await host.get(run);
      const format = options.json ? 'json' : options.output;
      if (format === 'json') return printJson(context, agentTeamObject(team));
      if (format === 'yaml') {
        context.out.write(stringify(agentTeamObject(team)));
        return;
      }
      print(context, ...describeTeam(team));
    });
}
