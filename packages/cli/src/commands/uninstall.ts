import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command } from 'commander';
import type { ClusterChoice } from '../cluster/connection/connection.ts';
import { reportChanges } from '../cluster/install/report-changes.ts';
import { DEFAULT_NAMESPACE } from '../cluster/install/settings.ts';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { settingsOf } from './install.ts';
import { parseNamespaces } from './options/parsers.ts';
import { addClusterOptions } from './options/shared-options.ts';

interface Options extends ClusterChoice {
  readonly watch?: readonly string[];
  readonly kinds?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addClusterOptions(new Command('uninstall'), DEFAULT_NAMESPACE)
    .description(
      'Remove the controller from a cluster.\n\n' +
        'The command refuses while teams are running, because only the controller can stop their agents.',
    )
    .option('--kinds', 'also remove the custom resource definitions, with every template and run')
    .option('--watch <namespaces>', 'the namespaces given to install', parseNamespaces)
    .option('--json', 'print the result for each object as JSON, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam uninstall --kinds\n  $ agentteam uninstall --json | jq -r 'select(.done == "kept") | .name'\n${PLAIN_EXITS}`,
    )
    .action((options: Options) => uninstall(context, options));
}

async function uninstall(context: Context, { kinds, json, ...options }: Options): Promise<void> {
  const [{ connect }, { Installer }] = await Promise.all([
    import('../cluster/connection/connection.ts'),
    import('../cluster/install/installer.ts'),
  ]);
  const settings = settingsOf({ ...options, image: DEFAULT_IMAGE, replicas: 1 });
  const changes = new Installer(connect(options)).uninstall(settings, kinds === true);
  await reportChanges(context, changes, json ? { json } : {});
}
