import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';
import { agentTeamObject } from '../view/agent-team-object.ts';
import { listTable } from '../view/list-table.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('list')
    .description('Lists runs, with the columns of kubectl get agentteams.')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'as a List of AgentTeam objects')
    .addHelpText('after', `\nExample:\n  $ agentteam list\n${PLAIN_EXITS}`)
    .action(async ({ dir, json }: Options) => {
      const teams = await openHost(context, dir).list();
      if (json) {
        return printJson(context, {
          apiVersion: 'v1',
          kind: 'List',
          items: teams.map(agentTeamObject),
        });
      }
      if (teams.length === 0) {
        return note(context, 'No runs here. agentteam run team.yaml --rehearse makes one.');
      }
      print(context, ...listTable(teams, Date.now()));
    });
}
