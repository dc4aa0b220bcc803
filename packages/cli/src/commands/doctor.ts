import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { findingsText } from '../doctor/findings-text.ts';
import { CLI_EXIT } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { parseName } from '../kube/names.ts';
import { namespaceOf, readSubmission } from '../submit/submission.ts';

interface Options extends ClusterChoice {
  readonly storageClass?: string;
  readonly json?: true;
}

const EXITS = `
Marks:
  ✓  it is there
  !  teams run, with less
  ✗  teams cannot run; the remedy is below it
  ?  it cannot be known from here

Exit codes:
  0  nothing is marked ✗
  1  something is, or the cluster does not answer
  2  wrong usage, or an invalid file
`;

export function command(context: Context): Command {
  return addClusterOptions(new Command('doctor'))
    .description(
      'Looks whether a cluster has what teams need, and says what to do where it has not.\n' +
        'With a team file also whether what that team names is there. Nothing is changed.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option(
      '--storage-class <name>',
      "class of shared claims; the controller's if absent",
      parseName,
    )
    .option('--json', 'findings as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam doctor team.yaml -n reports\n${EXITS}`)
    .action((file: string | undefined, options: Options) => doctor(context, file, options));
}

async function doctor(
  context: Context,
  file: string | undefined,
  { json, storageClass, ...choice }: Options,
): Promise<void> {
  const submission =
    file === undefined ? undefined : await readSubmission(context, file, undefined);
  const [{ connect }, { examine }, { proxiedFetch }, { proxiesOf }] = await Promise.all([
    import('../kube/connection.ts'),
    import('../doctor/examine.ts'),
    import('@agentteam/notify'),
    import('../run/senders.ts'),
  ]);
  const namespace = submission && namespaceOf(submission, choice.namespace);
  const findings = await examine(
    connect({ ...choice, ...(namespace !== undefined && { namespace }) }),
    {
      image: DEFAULT_IMAGE,
      reach: proxiedFetch(proxiesOf(context.env)),
      signal: context.signal,
      ...(storageClass !== undefined && { storageClass }),
      ...(submission !== undefined && {
        team: {
          ...submission.compiled,
          configMaps: submission.configMaps.map(({ metadata }) => metadata.name),
        },
      }),
    },
  );
  if (findings.some(({ state }) => state === 'failed')) context.exit(CLI_EXIT.failed);
  if (json) printJson(context, findings);
  else print(context, ...findingsText(findings, context.colors));
}
