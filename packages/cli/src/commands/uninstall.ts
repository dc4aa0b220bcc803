import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import { reportChanges } from '../install/report-changes.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { parseNamespaces } from '../kube/names.ts';
import { settingsOf } from './install.ts';

interface Options extends ClusterChoice {
  readonly watch?: readonly string[];
  readonly kinds?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addClusterOptions(new Command('uninstall'))
    .description(
      'Takes the controller out of a cluster again. Refused while there are teams: the controller ' +
        'is who ends their agents.',
    )
    .option('--kinds', 'the kinds as well, and with them every template and run')
    .option('--watch <namespaces>', 'as given to install', parseNamespaces)
    .option('--json', 'what became of each object, as JSON on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam uninstall --kinds\n  $ agentteam uninstall --json | jq -r 'select(.done == "kept") | .name'\n${PLAIN_EXITS}`,
    )
    .action((options: Options) => uninstall(context, options));
}

async function uninstall(context: Context, { kinds, json, ...options }: Options): Promise<void> {
  const [{ connect }, { Installer }] = await Promise.all([
    import('../kube/connection.ts'),
    import('../install/installer.ts'),
  ]);
  const settings = settingsOf({ ...options, image: DEFAULT_IMAGE, replicas: 1 });
  const changes = new Installer(connect(options)).uninstall(settings, kinds === true);
  await reportChanges(context, changes, json ? { json } : {});
}
