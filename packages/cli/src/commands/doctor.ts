import { DEFAULT_IMAGE } from '@agentteam/contract';
import { Command } from 'commander';
import type { ClusterChoice } from '../cluster/connection/connection.ts';
import { findingsText } from '../cluster/doctor/finding.ts';
import { namespaceOf, readSubmission } from '../cluster/submit/submission.ts';
import { type Context, print, printJson } from '../context.ts';
import { CLI_EXIT } from '../exit.ts';
import { parseName } from './options/parsers.ts';
import { addClusterOptions } from './options/shared-options.ts';

interface Options extends ClusterChoice {
  readonly storageClass?: string;
  readonly json?: true;
}

const EXITS = `
Marks:
  ✓  the check passed
  !  teams can run, with restrictions
  ✗  teams cannot run; the next line explains how to fix it
  ?  the check needs permissions or access that you do not have

Exit codes:
  0  no check is marked ✗
  1  a check is marked ✗, or the cluster does not answer
  2  wrong usage or an invalid file
`;

export function command(context: Context): Command {
  return addClusterOptions(new Command('doctor'))
    .description(
      'Check that a cluster is ready for teams, and explain how to fix what is missing.\n\n' +
        'With a team file, also check the objects that the team needs. Nothing is changed.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option(
      '--storage-class <name>',
      "storage class of shared claims (default: the controller's)",
      parseName,
    )
    .option('--json', 'print the findings as JSON')
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
    import('../cluster/connection/connection.ts'),
    import('../cluster/doctor/examine.ts'),
    import('@agentteam/notify'),
    import('../run/senders.ts'),
  ]);
  const namespace = submission && namespaceOf(submission, choice.namespace);
  const findings = await examine(
    connect({ ...choice, ...(namespace !== undefined && { namespace }) }),
    {
      image: DEFAULT_IMAGE,
      fetch: proxiedFetch(proxiesOf(context.env)),
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
