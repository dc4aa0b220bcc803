import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { RUN_EXITS, WAIT_EXIT } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { namespaceOf, readSubmission, type Submission } from '../submit/submission.ts';
import { watchTeam } from '../watch/watch-team.ts';
import { parseTimeout } from './timeout-option.ts';

interface Options extends ClusterChoice {
  readonly name?: string;
  readonly dryRun?: 'client' | 'server';
  readonly force?: true;
  readonly wait?: true;
  readonly timeout?: number;
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
    .addOption(new Option('--wait', 'show it until it has ended, as run does').conflicts('dryRun'))
    .option('--timeout <duration>', 'with --wait: no longer than 90m, 1h30m', parseTimeout)
    .option('--json', 'the team as JSON; with --wait its events, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam submit team.yaml -n reports\n  $ agentteam submit team.yaml --wait --timeout 2h\n${RUN_EXITS}${WAIT_EXIT}`,
    )
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
  if (!options.wait) {
    report(context, team, words, options);
    return;
  }
  const json = options.json === true;
  const limit = options.timeout === undefined ? {} : { timeout: options.timeout };
  context.exit(await watchTeam(context, host, team.metadata.name, { json, ...limit }));
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
