import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import type { ClusterChoice } from '../cluster/connection/connection.ts';
import { controllerObjects, KINDS, namespaceObject } from '../cluster/install/objects.ts';
import { reportChanges } from '../cluster/install/report-changes.ts';
import { DEFAULT_NAMESPACE, type InstallSettings } from '../cluster/install/settings.ts';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import {
  collectValues,
  parseCount,
  parseImage,
  parseName,
  parseNamespaces,
} from './options/parsers.ts';
import { addClusterOptions } from './options/shared-options.ts';

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
  return addClusterOptions(new Command('install'), DEFAULT_NAMESPACE)
    .description(
      'Install the custom resource definitions and the controller on a cluster without Helm.\n\n' +
        'To upgrade, run it again with another image and repeat the options that still apply. ' +
        'The admission webhook, which controls who may answer a gate, is not included, ' +
        'because it needs a certificate.',
    )
    .option(
      '--image <image>',
      "image of the controller and of the teams' pods",
      parseImage,
      DEFAULT_IMAGE,
    )
    .option(
      '--replicas <count>',
      'replicas of the controller; one is active at a time',
      parseCount,
      1,
    )
    .option(
      '--watch <namespaces>',
      'run only the teams of these namespaces, separated by commas (default: all)',
      parseNamespaces,
    )
    .option(
      '--storage-class <name>',
      "ReadWriteMany storage class of shared claims (default: the cluster's)",
      parseName,
    )
    .option(
      '--env <name=value>',
      "environment variable of the controller (repeatable); the controller's --help lists them",
      collectVariables,
    )
    .addOption(
      new Option(
        '--dry-run <where>',
        'client: only print the objects; server: validate them without storing them',
      ).choices(['client', 'server']),
    )
    .addOption(
      new Option('-o, --output <format>', 'output format of --dry-run=client')
        .choices(['yaml', 'json'])
        .default('yaml'),
    )
    .option(
      '--json',
      'print the result for each object as JSON, one on each line; with --dry-run=client, the objects',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam install --storage-class efs\n  $ agentteam install --env HTTPS_PROXY=http://proxy.example.com:3128 --env NO_PROXY=.svc\n  $ agentteam install --dry-run=client -o yaml | kubectl apply --server-side -f -\n${PLAIN_EXITS}`,
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
    import('../cluster/connection/connection.ts'),
    import('../cluster/install/installer.ts'),
  ]);
  const isDryRun = dryRun === 'server';
  const changes = new Installer(connect(options)).install(settings, isDryRun);
  await reportChanges(context, changes, { dryRun: isDryRun, ...(json && { json }) });
  if (!isDryRun && !json) print(context, 'To check the cluster, run: agentteam doctor');
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

/** Variables that --env cannot set, with the reason. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['AGENTTEAM_IMAGE', 'Use --image instead.'],
  ['AGENTTEAM_METRICS_PORT', 'The port is always 8080, which the probes use.'],
  ['AGENTTEAM_NAMESPACES', 'Use --watch instead.'],
  ['AGENTTEAM_STORAGE_CLASS', 'Use --storage-class instead.'],
  ['POD_NAME', 'Kubernetes sets it for each pod.'],
  ['POD_NAMESPACE', 'Use -n instead.'],
]);

function collectVariables(
  text: string,
  previous?: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const variables = collectValues(text, previous);
  for (const [name, reason] of RESERVED) {
    if (Object.hasOwn(variables, name)) throw new InvalidArgumentError(reason);
  }
  return variables;
}
