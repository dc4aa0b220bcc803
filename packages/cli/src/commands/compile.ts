import { type CompileOptions, EXECUTOR, executorCompanions, toYaml } from '@agentteam/compiler';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CompiledFile, compileFile } from '../compile-file.ts';
import { type Context, note, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { demands } from '../inputs/demands.ts';
import { parseImage, parseName } from '../kube/names.ts';
import { shellWord } from '../terminal/shell-word.ts';

interface Options {
  readonly output: 'yaml' | 'json';
  readonly json?: true;
  readonly needs?: true;
  readonly image?: string;
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
      'Prints the Argo Workflow that a team becomes. The same file gives the same bytes.\n' +
        'What it needs in its namespace is said beside it, on standard error.',
    )
    .argument('<file>', 'team file; - for standard input')
    .addOption(new Option('-o, --output <format>', 'how').choices(['yaml', 'json']).default('yaml'))
    .option(
      '--needs',
      "print instead what must exist before: the account of Argo's executor, the team's claims",
    )
    .option('--image <image>', 'image of all containers', parseImage)
    .option('--storage-class <name>', 'storage class (ReadWriteMany) of the claims', parseName)
    .option(
      '--api-url <url>',
      "base URL of the Messages API, where it is not Anthropic's own",
      parseUrl,
    )
    .option(
      '--hosting-url <url>',
      "base URL of the hosting service's API, where the repository's address does not tell",
      parseUrl,
    )
    .option('--proxy <url>', 'through which all that is not an agent reaches the world', parseProxy)
    .option('--proxy-exceptions <hosts>', 'what is reached directly, as in NO_PROXY')
    .option(
      '--trust <name>',
      'ConfigMap with ca.crt: authorities that the pods believe besides the public ones',
      parseName,
    )
    .option(
      '--api-feature <name>',
      'allow this beta, server tool or request field of the API as well',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option('--json', 'the same as --output json')
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
    note(context, ...demands(compiled, command.join(' ')));
    if (asJson) printJson(context, compiled.workflow);
    else context.out.write(toYaml(compiled.workflow));
    return;
  }
  const before = made(compiled);
  if (asJson) printJson(context, { apiVersion: 'v1', kind: 'List', items: before });
  else context.out.write(before.map(toYaml).join('---\n'));
}

function compileOptionsOf(options: Options): CompileOptions {
  const { image, storageClass, apiUrl, hostingUrl, proxy, trust, apiFeature } = options;
  const { proxyExceptions: exceptions } = options;
  return {
    containers: { ...(image !== undefined && { image }) },
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

/** The objects that can be made for a team beforehand, without knowing a secret. */
function made({ team, claims }: CompiledFile): readonly object[] {
  const executor = executorCompanions(EXECUTOR, team.metadata.namespace);
  return [...executor, claims.team, ...(claims.output === undefined ? [] : [claims.output])];
}

function parseUrl(text: string): string {
  if (isUrl(text)) return text;
  throw new InvalidArgumentError('A URL is expected: https://api.example.com');
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function parseProxy(text: string): string {
  if (isUrl(text)) return text;
  throw new InvalidArgumentError('The URL of a proxy is expected: http://proxy.example.com:3128');
}
