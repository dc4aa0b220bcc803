import { PARAMETER_NAMES } from '@agentteam/compiler';
import { Command, Option } from 'commander';
import type { ClusterChoice } from '../cluster/connection/connection.ts';
import { namespaceOf, type Owner, readSubmission } from '../cluster/submit/submission.ts';
import { makeOutputs } from '../cluster/submit/write-outputs.ts';
import { type Context, note, print, printJson } from '../context.ts';
import { CLI_EXIT, WAIT_EXITS } from '../exit.ts';
import { usageError } from '../failure.ts';
import type { TeamHost } from '../teams/team-host.ts';
import { watchTeam } from '../teams/watch-team.ts';
import { collectValues, parseOwner, parseTimeout } from './options/parsers.ts';
import { addClusterOptions } from './options/shared-options.ts';

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

/** Options that have an effect only with --wait. */
const WAIT_OPTIONS = ['timeout', 'stop', 'outputs'] as const;

export function command(context: Context): Command {
  return addClusterOptions(new Command('submit'))
    .description(
      'Submit a team to a cluster, where the controller runs it.\n\n' +
        'ConfigMaps in the same file are created too. With --from-template, start a run of ' +
        'an AgentTeamTemplate of the namespace instead.',
    )
    .argument('[file]', 'team file; - for standard input')
    .option(
      '--name <team>',
      "name of the team (default: the file's name; generated for template runs)",
    )
    .option('--from-template <name>', 'template to run, instead of a file')
    .option(
      '-p, --parameter <name=value>',
      `parameter of --from-template (repeatable): ${PARAMETER_NAMES.join(', ')}`,
      collectValues,
    )
    .addOption(
      new Option(
        '--dry-run <where>',
        'only check the team; client: on this machine; server: by the API server too',
      ).choices(['client', 'server']),
    )
    .option('--force', 'take over fields that another field manager owns')
    .addOption(new Option('--wait', 'show the team until it has ended').conflicts('dryRun'))
    .option('--timeout <duration>', 'with --wait: longest time to wait: 90m, 1h30m', parseTimeout)
    .option('--stop', 'with --wait: stop the team if the wait ends first')
    .option(
      '--outputs <directory>',
      'with --wait: write phase, cost and other results to files in this directory',
    )
    .option(
      '--owner <object>',
      'apiVersion/Kind/NAME/UID of an object; the team is deleted with it',
      parseOwner,
    )
    .option('--json', 'print the team as JSON; with --wait its events, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam submit team.yaml -n reports\n  $ agentteam submit team.yaml --wait --timeout 2h\n  $ agentteam submit --from-template review -p prompt="Review release 4" -p budget=10.00 --wait\n${WAIT_EXITS}`,
    )
    .action(async (file: string | undefined, options: Options) => {
      const { fromTemplate, parameter, outputs } = options;
      const needsWait = WAIT_OPTIONS.find((name) => options[name] !== undefined);
      if (needsWait !== undefined && !options.wait) {
        throw usageError(`--${needsWait} requires --wait`);
      }
      if ((file === undefined) === (fromTemplate === undefined)) {
        throw usageError('give either a team file or --from-template');
      }
      if (file !== undefined && parameter !== undefined) {
        throw usageError('-p requires --from-template');
      }
      if (outputs !== undefined) await makeOutputs(context, outputs);
      if (file === undefined) return submitFromTemplate(context, fromTemplate ?? '', options);
      return submitFile(context, file, options);
    });
}

async function submitFile(context: Context, file: string, options: Options): Promise<void> {
  const submission = await readSubmission(context, file, options.name, options.owner);
  for (const kind of submission.ignored) {
    note(context, `! a ${kind} in ${file} is ignored. To create it, run: kubectl apply -f ${file}`);
  }
  const namespace = namespaceOf(submission, options.namespace);
  if (options.dryRun === 'client') {
    report(context, submission.team, DRY_RUN.client, options);
    return;
  }
  const [{ ClusterHost }, { submitTeam }] = await Promise.all([
    import('../teams/cluster/cluster-host.ts'),
    import('../cluster/submit/submit-team.ts'),
  ]);
  const host = new ClusterHost({ ...options, ...(namespace !== undefined && { namespace }) });
  const dryRun = options.dryRun === 'server';
  const { team, existed } = await submitTeam(host, submission, {
    dryRun,
    force: options.force === true,
  });
  if (!options.wait) {
    const result = existed ? 'is already running' : 'submitted';
    report(context, team, dryRun ? DRY_RUN.server : result, options);
    return;
  }
  await wait(context, host, team.metadata.name, options);
}

async function submitFromTemplate(
  context: Context,
  template: string,
  options: Options,
): Promise<void> {
  const [{ ClusterHost }, { generateRunName, submitRun, waitForTeam }] = await Promise.all([
    import('../teams/cluster/cluster-host.ts'),
    import('../cluster/submit/submit-run.ts'),
  ]);
  const host = new ClusterHost(options);
  const {
    name = generateRunName(template),
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
    report(context, run, dryRun === undefined ? 'submitted' : DRY_RUN[dryRun], options);
    return;
  }
  const startedAt = Date.now();
  const { timeout } = options;
  const limit = timeout === undefined ? [] : [AbortSignal.timeout(timeout)];
  if (!(await waitForTeam(host, name, AbortSignal.any([context.signal, ...limit])))) {
    note(
      context,
      `the controller has not created the team of ${name} yet. To check the controller, run: agentteam doctor`,
    );
    context.exit(context.signal.aborted ? CLI_EXIT.interrupted : CLI_EXIT.waitExpired);
    return;
  }
  const remaining = timeout && { timeout: Math.max(1, timeout - (Date.now() - startedAt)) };
  await wait(context, host, name, { ...options, ...remaining });
}

const DRY_RUN = {
  client: 'is valid (nothing was sent)',
  server: 'would be accepted (nothing was stored)',
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
  const isRunning = exitCode === CLI_EXIT.waitExpired || exitCode === CLI_EXIT.interrupted;
  if (!stop || !isRunning) return;
  await host.stop(name);
  note(context, `${name} is stopping`);
}

function report(
  context: Context,
  object: { readonly metadata: { readonly name: string; readonly namespace?: string } },
  result: string,
  { json }: Options,
): void {
  const { name, namespace } = object.metadata;
  if (json) printJson(context, object);
  else print(context, `${namespace === undefined ? '' : `${namespace}/`}${name} ${result}`);
}
