import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { addHostOptions, type HostOptions } from './options/host-options.ts';
import { openHost } from './options/open-host.ts';
import type { TeamHost } from '../teams/team-host.ts';
import { oneLine } from '../output/terminal/safe.ts';

interface Options extends HostOptions {
  readonly wait?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('delete'))
    .description(
      'Deletes runs and their files: state, transcripts, ledger, and output kept in them.\n' +
        'In a cluster a team that runs is stopped first; the claim with its output stays, unless the ' +
        'team says otherwise.',
    )
    .argument('<run...>', 'names of runs that have ended, or of teams in a cluster')
    .option('--wait', 'in a cluster: until its agents have ended and it is gone')
    .option('-y, --yes', 'do not ask, also where the only copy of the work goes with it')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam delete q3-report\n${PLAIN_EXITS}`)
    .action(async (runs: readonly string[], { json, wait, yes, ...options }: Options) => {
      const host = await openHost(context, options);
      for (const run of runs) {
        if (!yes) await confirmLoss(context, host, run);
        const { gone } = await host.delete(run, wait === true, context.signal);
        if (!json) print(context, `${run} ${gone ? 'deleted' : 'is being deleted'}`);
      }
      if (json) printJson(context, { deleted: runs });
    });
}

/** @throws Failure where the only copy of something would be lost, and nobody says that it may be. */
async function confirmLoss(context: Context, host: TeamHost, run: string): Promise<void> {
  const found = await host.onlyCopy(run);
  if (found === undefined) return;
  const { words, keep } = found;
  if (context.in.isTTY === true && context.err.isTTY === true) {
    const terminal = createInterface({ input: context.in, output: context.err });
    const question = `${oneLine(words)}.\n  To keep it: ${oneLine(keep)}\nDelete it all the same? [y/N] `;
    const answer = await terminal.question(question, { signal: context.signal });
    terminal.close();
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new Failure(`${run} was not deleted`);
  }
  throw new Failure(`${oneLine(words)}; it was not deleted`, {
    wayOut: `Keep it: ${oneLine(keep)}   or delete it all the same: --yes`,
  });
}
