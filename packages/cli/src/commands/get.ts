import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';
import { agentTeamObject } from '../view/agent-team-object.ts';
import { describeTeam } from '../view/describe-team.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('get')
    .description('Shows a run as kubectl describe shows a team, and where its files lie.')
    .argument('<run>', 'name of the run')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'as an AgentTeam object with its status')
    .addHelpText('after', `\nExample:\n  $ agentteam get q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { dir, json }: Options) => {
      const team = await openHost(context, dir).get(run);
      if (json) return printJson(context, agentTeamObject(team));
      print(context, ...describeTeam(team));
    });
}
