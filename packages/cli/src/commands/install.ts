import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import { collectValues } from '../inputs/name-value.ts';
import { controllerObjects, KINDS, namespaceObject } from '../install/objects.ts';
import { reportChanges } from '../install/report-changes.ts';
import { DEFAULT_NAMESPACE, type InstallSettings } from '../install/settings.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { parseImage, parseName, parseNamespaces } from '../kube/names.ts';

interface Options extends ClusterChoice {
  readonly image: string;
  readonly replicas: number;
  readonly watch?: readonly string[];
  readonly storageClass?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly dryRun?: 'client' | 'server';
  readonly output: 'yaml' | 'json';
  readonly json?: true;
}

export function command(context: Context): Command {
  return addClusterOptions(new Command('install'))
    .description(
      'Puts the kinds and the controller into a cluster, for those without Helm. Done again with ' +
        'another image it upgrades; an option that is left out then is as if never given. The ' +
        'admission webhook, which holds who may answer a gate, is not part of it: it needs a ' +
        'certificate.',
    )
    .option(
      '--image <image>',
      'of the controller and of the pods of teams',
      parseImage,
      DEFAULT_IMAGE,
    )
    .option('--replicas <count>', 'of the controller; one works, the others wait', parseCount, 1)
    .option(
      '--watch <namespaces>',
      'run teams of these alone, with commas; all if absent',
      parseNamespaces,
    )
    .option(
      '--storage-class <name>',
      "ReadWriteMany class of shared claims; the cluster's if absent",
      parseName,
    )
    .option(
      '--env <name=value>',
      'a variable of the controller, once for each; its --help names them all',
      collectVariables,
    )
    .addOption(
      new Option('--dry-run <where>', 'print the objects (client), or try them (server)').choices([
        'client',
        'server',
      ]),
    )
    .addOption(
      new Option('-o, --output <format>', 'of --dry-run=client')
        .choices(['yaml', 'json'])
        .default('yaml'),
    )
    .option(
      '--json',
      'what became of each object, as JSON on each line; of --dry-run=client the objects',
    )
    .addHelpText(
      'after',
      `\nThe controller's namespace is ${DEFAULT_NAMESPACE} unless -n names another.\n\nExamples:\n  $ agentteam install --storage-class efs\n  $ agentteam install --env HTTPS_PROXY=http://proxy.example.com:3128 --env NO_PROXY=.svc\n  $ agentteam install --dry-run=client -o yaml | kubectl apply --server-side -f -\n${PLAIN_EXITS}`,
    )
    .action((options: Options) => install(context, options));
}

export function settingsOf(
  options: Pick<Options, 'namespace' | 'image' | 'replicas' | 'watch' | 'storageClass' | 'env'>,
): InstallSettings {
  const {
    namespace = DEFAULT_NAMESPACE,
    image,
    replicas,
    watch: watched = [],
    storageClass,
    env = {},
  } = options;
  return {
    namespace,
    image,
    replicas,
    watched,
    env,
    ...(storageClass !== undefined && { storageClass }),
  };
}

async function install(context: Context, options: Options): Promise<void> {
  const settings = settingsOf(options);
  const { dryRun, output, json } = options;
  if (dryRun === 'client') return printObjects(context, settings, json ? 'json' : output);
  const [{ connect }, { Installer }] = await Promise.all([
    import('../kube/connection.ts'),
    import('../install/installer.ts'),
  ]);
  const isTried = dryRun === 'server';
  const changes = new Installer(connect(options)).install(settings, isTried);
  await reportChanges(context, changes, { dryRun: isTried, ...(json && { json }) });
  if (!isTried && !json) print(context, 'Next: agentteam doctor');
}

function printObjects(
  context: Context,
  settings: InstallSettings,
  format: Options['output'],
): void {
  const objects = [...KINDS, namespaceObject(settings.namespace), ...controllerObjects(settings)];
  if (format === 'json') printJson(context, { apiVersion: 'v1', kind: 'List', items: objects });
  else
    context.out.write(
      objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'),
    );
}

/** Variables that are said otherwise, and how. */
const OWN: ReadonlyMap<string, string> = new Map([
  ['AGENTTEAM_IMAGE', 'It is what --image says.'],
  ['AGENTTEAM_METRICS_PORT', 'It is 8080, where its probes ask.'],
  ['AGENTTEAM_NAMESPACES', 'It is what --watch says.'],
  ['AGENTTEAM_STORAGE_CLASS', 'It is what --storage-class says.'],
  ['POD_NAME', 'Each pod has its own.'],
  ['POD_NAMESPACE', 'It is what -n says.'],
]);

function collectVariables(
  text: string,
  previous?: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const variables = collectValues(text, previous);
  for (const [name, instead] of OWN) {
    if (Object.hasOwn(variables, name)) throw new InvalidArgumentError(instead);
  }
  return variables;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('A whole number, one or more.');
}
