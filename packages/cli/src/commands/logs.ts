import { CONTAINERS, STEPS } from '@agentteam/contract';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { safe } from '../output/terminal/safe.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly follow: boolean;
  readonly container?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('logs'))
    .description("Print the logs of a team's containers, each line with the name of its step.")
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('[step...]', 'print only these steps: lead, a teammate, Deliver, …')
    .option('-f, --follow', 'wait for new lines until the team has ended', false)
    .option(
      '-c, --container <name>',
      'print only this container: main runs the agent, gateway forwards its requests, setup prepares the shared files; any other name is a sidecar, which is not printed otherwise',
    )
    .option('--json', 'print a JSON object on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam logs -f q3-report researcher\n${PLAIN_EXITS}`)
    .action((run: string, steps: readonly string[], options: Options) =>
      logs(context, run, steps, options),
    );
}

async function logs(
  context: Context,
  run: string,
  steps: readonly string[],
  { follow, container, json, ...options }: Options,
): Promise<void> {
  const lines = (await openHost(context, options)).logs(run, {
    // The user knows the step of the lead as `lead`.
    steps: steps.map((step) => (step === 'lead' ? STEPS.lead : step)),
    follow,
    signal: context.signal,
    ...(container !== undefined && { container }),
  });
  for await (const line of lines) {
    if (json) printJson(context, line, 0);
    else {
      const source =
        line.container === CONTAINERS.main ? line.step : `${line.step}/${line.container}`;
      print(context, `${context.colors.dim(source)} ${safe(line.text)}`);
    }
  }
}
