import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { CLI_EXIT, RUN_EXITS, WAIT_EXIT } from '../exit.ts';
import { addClusterOptions } from '../host/host-options.ts';
import type { TeamHost } from '../host/team-host.ts';
import type { ClusterChoice } from '../kube/connection.ts';
import { type Owner, parseOwner } from '../submit/owner.ts';
import { namespaceOf, readSubmission, type Submission } from '../submit/submission.ts';
import { watchTeam } from '../watch/watch-team.ts';
import { parseTimeout } from './timeout-option.ts';

interface Options extends ClusterChoice {
  readonly name?: string;
  readonly dryRun?: 'client' | 'server';
  readonly force?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly stop?: true;
  readonly outputs?: string;
  readonly owner?: Owner;
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
    .option('--stop', 'with --wait: stop the team if the waiting ends before it does')
    .option('--outputs <directory>', 'with --wait: write phase, cost, … there, a file each')
    .option(
      '--owner <object>',
      'apiVersion/Kind/NAME/UID that the team is to be deleted with',
      parseOwner,
    )
    .option('--json', 'the team as JSON; with --wait its events, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam submit team.yaml -n reports\n  $ agentteam submit team.yaml --wait --timeout 2h\n${RUN_EXITS}${WAIT_EXIT}`,
    )
    .action((file: string, options: Options) => submit(context, file, options));
}

async function submit(context: Context, file: string, options: Options): Promise<void> {
  const submission = await readSubmission(context, file, options.name, options.owner);
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
  await wait(context, host, team.metadata.name, options);
}

async function wait(
  context: Context,
  host: TeamHost,
  name: string,
  { json, timeout, outputs, stop }: Options,
): Promise<void> {
  const exitCode = await watchTeam(context, host, name, {
    json: json === true,
    ...(timeout !== undefined && { timeout }),
    ...(outputs !== undefined && { outputs }),
  });
  context.exit(exitCode);
  const goesOn = exitCode === CLI_EXIT.waitedLongEnough || exitCode === CLI_EXIT.interrupted;
  if (!stop || !goesOn) return;
  await host.stop(name);
  note(context, `${name} is stopped`);
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
