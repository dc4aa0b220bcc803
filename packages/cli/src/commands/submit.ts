import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { namespaceOf, readSubmission, type Submission } from '../submit/submission.ts';

interface Options extends ClusterChoice {
  readonly name?: string;
  readonly dryRun?: 'client' | 'server';
  readonly force?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addClusterOptions(new Command('submit'))
    .description(
      'Puts a team into a cluster, where the controller runs it. ConfigMaps in the same file come along.',
    )
    .argument('<file>', 'team file; - for standard input')
    .option('--name <team>', "name of the team; the file's if absent")
    .addOption(
      new Option(
        '--dry-run <where>',
        'only check: here (client), or by the API server too',
      ).choices(['client', 'server']),
    )
    .option('--force', 'take over fields that somebody else manages')
    .option('--json', 'the team as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam submit team.yaml -n reports\n${RUN_EXITS}`)
    .action((file: string, options: Options) => submit(context, file, options));
}

async function submit(context: Context, file: string, options: Options): Promise<void> {
  const submission = await readSubmission(context, file, options.name);
  for (const kind of submission.ignored) {
    note(context, `! a ${kind} in ${file} is left alone: kubectl apply -f puts it there`);
  }
  const namespace = namespaceOf(submission, options.namespace);
  if (options.dryRun === 'client') {
    report(context, submission.team, 'is valid (nothing was sent)', options);
    return;
  }
  const [{ ClusterHost }, { submitTeam }] = await Promise.all([
    import('../host/cluster/cluster-host.ts'),
    import('../submit/submit-team.ts'),
  ]);
  const host = new ClusterHost({ ...options, ...(namespace !== undefined && { namespace }) });
  const dryRun = options.dryRun === 'server';
  const { team, before } = await submitTeam(host, submission, {
    dryRun,
    force: options.force === true,
  });
  const done = before ? 'goes on as it began' : 'submitted';
  const words = dryRun ? 'would be accepted (nothing was kept)' : done;
  report(context, team, words, options);
}

function report(
  context: Context,
  team: Submission['team'],
  words: string,
  { json }: Options,
): void {
  const { name, namespace } = team.metadata;
  if (json) printJson(context, team);
  else print(context, `${namespace === undefined ? '' : `${namespace}/`}${name} ${words}`);
}
