import { PARAMETER_NAMES } from '@agentteam/compiler';
import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { CLI_EXIT, RUN_EXITS, WAIT_EXIT } from '../exit.ts';
import { usageError } from '../failure.ts';
import { addClusterOptions } from './options/host-options.ts';
import type { TeamHost } from '../teams/team-host.ts';
import { collectValues } from './options/name-value.ts';
import type { ClusterChoice } from '../cluster/connection/connection.ts';
import { type Owner, parseOwner } from '../cluster/submit/owner.ts';
import { namespaceOf, readSubmission } from '../cluster/submit/submission.ts';
import { watchTeam } from '../output/display/watch-team.ts';
import { makeOutputs } from '../cluster/submit/write-outputs.ts';
import { parseTimeout } from './options/timeout-option.ts';

interface Options extends ClusterChoice {
  readonly name?: string;
  readonly fromTemplate?: string;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly dryRun?: 'client' | 'server';
  readonly force?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly stop?: true;
  readonly outputs?: string;
  readonly owner?: Owner;
  readonly json?: true;
}

/** What is done while a team is waited for, or when the waiting ends. */
const WAITING = ['timeout', 'stop', 'outputs'] as const;

export function command(context: Context): Command {
  return addClusterOptions(new Command('submit'))
    .description(
      'Puts a team into a cluster, where the controller runs it. ConfigMaps in the same file come along.\n' +
        'With --from-template it is a run of an AgentTeamTemplate that is there.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option('--name <team>', "name of the team; the file's if absent, of a run one that is made up")
    .option('--from-template <name>', 'instead of a file: a template of the namespace')
    .option(
      '-p, --parameter <name=value>',
      `of --from-template, each: ${PARAMETER_NAMES.join(', ')}`,
      collectValues,
    )
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
      `\nExamples:\n  $ agentteam submit team.yaml -n reports\n  $ agentteam submit team.yaml --wait --timeout 2h\n  $ agentteam submit --from-template review -p prompt="Review release 4" -p budget=10.00 --wait\n${RUN_EXITS}${WAIT_EXIT}`,
    )
    .action(async (file: string | undefined, options: Options) => {
      const { fromTemplate, parameter, outputs } = options;
      const idle = WAITING.find((name) => options[name] !== undefined);
      if (idle !== undefined && !options.wait) {
        throw usageError(`--${idle} needs --wait`, 'Nothing is waited for without it.');
      }
      if ((file === undefined) === (fromTemplate === undefined)) {
        throw usageError('a team file or --from-template is needed, one of the two');
      }
      if (file !== undefined && parameter !== undefined) {
        throw usageError('-p needs --from-template');
      }
      if (outputs !== undefined) await makeOutputs(context, outputs);
      if (file === undefined) return submitFromTemplate(context, fromTemplate ?? '', options);
      return submitFile(context, file, options);
    });
}

async function submitFile(context: Context, file: string, options: Options): Promise<void> {
  const submission = await readSubmission(context, file, options.name, options.owner);
  for (const kind of submission.ignored) {
    note(context, `! a ${kind} in ${file} is left alone: kubectl apply -f puts it there`);
  }
  const namespace = namespaceOf(submission, options.namespace);
  if (options.dryRun === 'client') {
    report(context, submission.team, DRY.client, options);
    return;
  }
  const [{ ClusterHost }, { submitTeam }] = await Promise.all([
    import('../teams/cluster/cluster-host.ts'),
    import('../cluster/submit/submit-team.ts'),
  ]);
  const host = new ClusterHost({ ...options, ...(namespace !== undefined && { namespace }) });
  const dryRun = options.dryRun === 'server';
  const { team, before } = await submitTeam(host, submission, {
    dryRun,
    force: options.force === true,
  });
  const done = before ? 'goes on as it began' : 'submitted';
  const words = dryRun ? DRY.server : done;
  if (!options.wait) {
    report(context, team, words, options);
    return;
  }
  await wait(context, host, team.metadata.name, options);
}

async function submitFromTemplate(
  context: Context,
  template: string,
  options: Options,
): Promise<void> {
  const [{ ClusterHost }, { awaitTeam, runName, submitRun }] = await Promise.all([
    import('../teams/cluster/cluster-host.ts'),
    import('../cluster/submit/submit-run.ts'),
  ]);
  const host = new ClusterHost(options);
  const {
    name = runName(template),
    parameter: parameters = {},
    dryRun,
    force = false,
    owner,
  } = options;
  const run = await submitRun(
    host,
    { template, name, parameters, ...(owner !== undefined && { owner }) },
    { send: dryRun !== 'client', dryRun: dryRun === 'server', force },
  );
  if (!options.wait) {
    report(context, run, dryRun === undefined ? 'submitted' : DRY[dryRun], options);
    return;
  }
  const begun = Date.now();
  const { timeout } = options;
  const limit = timeout === undefined ? [] : [AbortSignal.timeout(timeout)];
  if (!(await awaitTeam(host, name, AbortSignal.any([context.signal, ...limit])))) {
    note(context, `${name} has no team yet: is the controller there? agentteam doctor`);
    context.exit(context.signal.aborted ? CLI_EXIT.interrupted : CLI_EXIT.waitedLongEnough);
    return;
  }
  const left = timeout && { timeout: Math.max(1, timeout - (Date.now() - begun)) };
  await wait(context, host, name, { ...options, ...left });
}

const DRY = {
  client: 'is valid (nothing was sent)',
  server: 'would be accepted (nothing was kept)',
} as const;

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
  object: { readonly metadata: { readonly name: string; readonly namespace?: string } },
  words: string,
  { json }: Options,
): void {
  const { name, namespace } = object.metadata;
  if (json) printJson(context, object);
  else print(context, `${namespace === undefined ? '' : `${namespace}/`}${name} ${words}`);
}
