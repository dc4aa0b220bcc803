import { retry } from '@agentteam/local';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { openLocalTeam } from '../host/local-host.ts';
import { isHeld } from '../host/run-lock.ts';
import { type RunRecord, runsDirectory, writeRecord } from '../host/runs-directory.ts';
import { adjustTeam } from '../run/adjust-team.ts';
import { checkBudget } from '../run/budget.ts';
import { compileTeam } from '../run/compile-team.ts';
import { executeRun } from '../run/execute-run.ts';
import { type GateAnswer, gatesOption } from './gates-option.ts';

interface Options {
  readonly budget?: string;
  readonly gates?: GateAnswer;
  readonly json?: true;
  readonly dir?: string;
}

export function command(context: Context): Command {
  return new Command('retry')
    .description(
      'Repeats what failed in a run that has ended, and what was left out because of it.\n' +
        'What succeeded stays; the clock of the timeout starts anew.',
    )
    .argument('<run>', 'name of the run')
    .option('--budget <dollars>', "the team's limit from now on, what is spent already included")
    .addOption(gatesOption())
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam retry q3-report --budget 50\n${RUN_EXITS}`)
    .action(async (run: string, options: Options) => {
      context.exit(await retryRun(context, run, options));
    });
}

async function retryRun(
  context: Context,
  run: string,
  { budget, gates, json, dir }: Options,
): Promise<number> {
  const runs = runsDirectory(context, dir);
  const team = await openLocalTeam(runs, run);
  if (await isHeld(team.directory)) throw new Failure(`another process is running ${run}`);
  const record = budget === undefined ? team.record : withBudget(team.record, checkBudget(budget));
  const { workflow } = compileTeam(record.team, record.options, rehearsalUrl(record));
  try {
    retry(team.directory, workflow);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Failure(`${run}: ${cause.message}`, {
      cause,
      wayOut: `agentteam get ${run}   shows how it stands; agentteam resume ${run}   goes on with it.`,
    });
  }
  await writeRecord(runs, record);
  return executeRun(context, runs, record, {
    json: json === true,
    ...(gates === undefined ? {} : { gates }),
  });
}

function withBudget(record: RunRecord, budget: string): RunRecord {
  return { ...record, team: adjustTeam(record.team, { budget }) };
}

/** Where the rehearsal of this run is each time. */
function rehearsalUrl({ rehearsal }: RunRecord): string | undefined {
  return rehearsal === undefined ? undefined : `http://127.0.0.1:${rehearsal.port}`;
}
