import { type CompileOptions, EXECUTOR, executorCompanions, toYaml } from '@agentteam/compiler';
import { RUNTIME_INJECTIONS, type RuntimeInjection } from '@agentteam/contract';
import { shellWord } from '@agentteam/text';
import { Command, Option } from 'commander';
import { type Context, note, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { prerequisites } from '../run/inputs/prerequisites.ts';
import { type CompiledFile, compileFile } from '../team-file.ts';
import { collect, parseImage, parseName, parseProxy, parseUrl } from './options/parsers.ts';

interface Options {
  readonly output: 'yaml' | 'json';
  readonly json?: true;
  readonly needs?: true;
  readonly image?: string;
  readonly runtimeInjection?: RuntimeInjection;
  readonly storageClass?: string;
  readonly apiUrl?: string;
  readonly hostingUrl?: string;
  readonly proxy?: string;
  readonly proxyExceptions?: string;
  readonly trust?: string;
  readonly apiFeature?: readonly string[];
}

export function command(context: Context): Command {
  return new Command('compile')
    .description(
      'Print the Argo Workflow of a team.\n\n' +
        'The same file always gives the same bytes. Standard error lists what the namespace ' +
        'must have before you submit it.',
    )
    .argument('<file>', 'team file; - for standard input')
    .addOption(
      new Option('-o, --output <format>', 'output format')
        .choices(['yaml', 'json'])
        .default('yaml'),
    )
    .option(
      '--needs',
      "instead print the objects to create first: the account of Argo's executor and the claims",
    )
    .option('--image <image>', 'image of all containers', parseImage)
    .addOption(
      new Option(
        '--runtime-injection <how>',
        "how the runtime gets into the agents' own images (default: copy)",
      ).choices(RUNTIME_INJECTIONS),
    )
    .option('--storage-class <name>', 'storage class (ReadWriteMany) of the claims', parseName)
    .option('--api-url <url>', "base URL of the Messages API (default: Anthropic's own)", parseUrl)
    .option(
      '--hosting-url <url>',
      "base URL of the hosting service's API (default: derived from the repository's URL)",
      parseUrl,
    )
    .option('--proxy <url>', "proxy for outbound traffic other than the agents'", parseProxy)
    .option('--proxy-exceptions <hosts>', 'hosts to connect to without the proxy, as in NO_PROXY')
    .option(
      '--trust <name>',
      'ConfigMap with ca.crt: certificate authorities to trust besides the public ones',
      parseName,
    )
    .option(
      '--api-feature <name>',
      'also allow this beta, server tool, request field or source of files of the API (repeatable)',
      collect,
    )
    .option('--json', 'same as --output json')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam compile team.yaml --needs | kubectl apply -f -\n  $ agentteam compile team.yaml | argo submit -\n${PLAIN_EXITS}`,
    )
    .action((file: string, options: Options) => printCompiled(context, file, options));
}

async function printCompiled(context: Context, file: string, options: Options): Promise<void> {
  const { output, json, needs, storageClass } = options;
  const compiled = await compileFile(context, file, compileOptionsOf(options));
  const asJson = json || output === 'json';
  if (!needs) {
    const command = [
      ...['agentteam compile', file === '-' ? 'FILE' : shellWord(file), '--needs'],
      ...(storageClass === undefined ? [] : ['--storage-class', shellWord(storageClass)]),
      '| kubectl apply -f -',
    ];
    note(context, ...prerequisites(compiled, command.join(' ')));
    if (asJson) printJson(context, compiled.workflow);
    else context.out.write(toYaml(compiled.workflow));
    return;
  }
  const objects = prerequisiteObjects(compiled);
  if (asJson) printJson(context, { apiVersion: 'v1', kind: 'List', items: objects });
  else context.out.write(objects.map(toYaml).join('---\n'));
}

function compileOptionsOf(options: Options): CompileOptions {
  const { image, storageClass, apiUrl, hostingUrl, proxy, trust, apiFeature } = options;
  const { proxyExceptions: exceptions, runtimeInjection } = options;
  return {
    containers: {
      ...(image !== undefined && { image }),
      ...(runtimeInjection !== undefined && { runtimeInjection }),
    },
    storage: { ...(storageClass !== undefined && { storageClass }) },
    api: {
      ...(apiUrl !== undefined && { apiUrl }),
      ...(apiFeature !== undefined && { apiFeatures: apiFeature }),
    },
    network: {
      ...(hostingUrl !== undefined && { hostingUrl }),
      ...(trust !== undefined && { trustConfigMap: trust }),
      ...(proxy !== undefined && {
        proxy: { https: proxy, http: proxy, ...(exceptions !== undefined && { exceptions }) },
      }),
    },
  };
}

/** The objects that can be created before the Workflow without knowing a secret. */
function prerequisiteObjects({ team, claims }: CompiledFile): readonly object[] {
  const executor = executorCompanions(EXECUTOR, team.metadata.namespace);
  return [...executor, claims.team, ...(claims.output === undefined ? [] : [claims.output])];
}
