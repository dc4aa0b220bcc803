import { Command } from 'commander';
import { type Context, print } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import { DEFAULT_IMAGE } from '../install/image.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { settingsOf } from './install.ts';

interface Options extends ClusterChoice {
  readonly watch?: string;
  readonly kinds?: true;
}

export function command(context: Context): Command {
  return addClusterOptions(new Command('uninstall'))
    .description(
      'Takes the controller out of a cluster again. Refused while there are teams: the controller\n' +
        'is who ends their agents.',
    )
    .option('--kinds', 'the kinds as well, and with them every template and run')
    .option('--watch <namespaces>', 'as given to install')
    .addHelpText('after', `\nExample:\n  $ agentteam uninstall --kinds\n${PLAIN_EXITS}`)
    .action((options: Options) => uninstall(context, options));
}

async function uninstall(context: Context, { kinds, ...options }: Options): Promise<void> {
  const [{ connect }, { Installer }] = await Promise.all([
    import('../kube/connection.ts'),
    import('../install/installer.ts'),
  ]);
  const settings = settingsOf({ ...options, image: DEFAULT_IMAGE, replicas: 1 });
  const changes = new Installer(connect(options)).uninstall(settings, kinds === true);
  for await (const { object, done } of changes) {
    print(context, `${object.kind} ${object.metadata.name} ${done}`);
  }
}
