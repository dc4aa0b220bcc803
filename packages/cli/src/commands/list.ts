import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { agentTeamObject } from '../output/view/agent-team-object.ts';
import { listTable } from '../output/view/list-table.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly allNamespaces?: true;
  readonly json?: true;
  readonly names?: true;
}

const NO_TEAMS = 'There are no teams in any namespace. To run one, use agentteam submit team.yaml.';

export function command(context: Context): Command {
  return addHostOptions(new Command('list'))
    .description('List teams with the columns of kubectl get agentteams.')
    .option('-A, --all-namespaces', 'on a cluster: list the teams of all namespaces')
    .option('--json', 'print a List of AgentTeam objects')
    .option('--names', 'print only the names, one on each line')
    .addHelpText('after', `\nExamples:\n  $ agentteam list\n  $ agentteam list -A\n${PLAIN_EXITS}`)
    .action(async (options: Options) => {
      const everywhere = options.allNamespaces === true;
      const host = await openHost(context, everywhere ? { ...options, cluster: true } : options);
      const teams = await host.list(everywhere, (name, { message }) =>
        note(context, `! ${oneLine(name)} cannot be listed: ${oneLine(message)}`),
      );
      if (options.json) {
        return printJson(context, {
          apiVersion: 'v1',
          kind: 'List',
          items: teams.map(agentTeamObject),
        });
      }
      if (options.names) return print(context, ...teams.map(({ name }) => oneLine(name)));
      if (teams.length === 0) return note(context, everywhere ? NO_TEAMS : host.emptyMessage);
      print(context, ...listTable(teams, Date.now(), everywhere));
    });
}
