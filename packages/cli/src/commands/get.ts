import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { agentTeamObject } from '../output/view/agent-team-object.ts';
import { describeTeam } from '../output/view/describe-team.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly output?: 'yaml' | 'json';
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('get'))
    .description('Show a team in the style of kubectl describe, and where its results are.')
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .addOption(
      new Option('-o, --output <format>', 'print the AgentTeam object with its status').choices([
        'yaml',
        'json',
      ]),
    )
    .option('--json', 'same as --output json')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam get q3-report\n  $ agentteam get q3-report -n reports -o yaml\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, options: Options) => {
      const team = await (await openHost(context, options)).get(run);
      const format = options.json ? 'json' : options.output;
      if (format === 'json') return printJson(context, agentTeamObject(team));
      if (format === 'yaml') {
        context.out.write(stringify(agentTeamObject(team)));
        return;
      }
      print(context, ...describeTeam(team));
    });
}
