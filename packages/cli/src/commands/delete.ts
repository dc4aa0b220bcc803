import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { type Context, note, print, printFailure, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import type { TeamHost } from '../teams/team-host.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly wait?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('delete'))
    .description(
      'Delete runs and their files: state, transcripts, ledger, and results stored in them.\n\n' +
        'On a cluster, a running team is stopped first, and the claim with its output is ' +
        'kept unless outputRetention is "delete".',
    )
    .argument('<run...>', 'names of runs that have ended, or of teams on a cluster')
    .option('--wait', 'on a cluster: wait until the agents have ended and the team is gone')
    .option('-y, --yes', 'delete without asking, even the only copy of the work')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam delete q3-report\n${PLAIN_EXITS}`)
    .action(async (runs: readonly string[], { json, wait, yes, ...options }: Options) => {
      const host = await openHost(context, options);
      const kept: string[] = [];
      for (const run of runs) {
        try {
          if (!yes) await confirmLoss(context, host, run);
          const { gone } = await host.delete(run, wait === true, context.signal);
          if (!json) print(context, `${run} ${gone ? 'deleted' : 'is being deleted'}`);
        } catch (error) {
          // The other runs are deleted nevertheless, unless the user has ended the command.
          if (runs.length === 1 || !(error instanceof Failure) || isAbort(error.cause)) throw error;
          printFailure(context, error);
          kept.push(run);
        }
      }
      if (json) printJson(context, { deleted: runs.filter((run) => !kept.includes(run)) });
      if (kept.length > 0) {
        const were = kept.length === 1 ? 'was' : 'were';
        throw new Failure(`${kept.length} of ${runs.length} runs ${were} not deleted`);
      }
    });
}

/** @throws Failure when the only copy of some work would be lost and the user does not confirm it. */
async function confirmLoss(context: Context, host: TeamHost, run: string): Promise<void> {
  const found = await host.onlyCopy(run);
  if (found === undefined) return;
  const { description, keep } = found;
  if (context.in.isTTY === true && context.err.isTTY === true) {
    // Otherwise readline handles Ctrl-Z itself, and suspends this process only: not the one that started it.
    const terminal = createInterface({ input: context.in, output: context.err, terminal: false });
    const question = `${oneLine(description)}.\n  To keep it: ${oneLine(keep)}\nDelete it anyway? [y/N] `;
    const closed = new AbortController();
    terminal.once('close', () => closed.abort());
    const answer = await terminal
      .question(question, { signal: AbortSignal.any([context.signal, closed.signal]) })
      .catch((error: Error) => {
        // Ctrl-C and Ctrl-D answer no, and end the command.
        if (!isAbort(error)) throw error;
        note(context, '');
        throw new Failure(`${run} was not deleted`, { cause: error });
      })
      .finally(() => terminal.close());
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new Failure(`${run} was not deleted`);
  }
  throw new Failure(`${oneLine(description)}; it was not deleted`, {
    hint: `To keep it: ${oneLine(keep)}\n  To delete it anyway, add --yes.`,
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
