import { agentNamed, CONTAINERS } from '@agentteam/contract';
import { stepOfAgent } from '@agentteam/detail';
import { Command, Option } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { sourceOf, storyLine } from '../output/logs/story-line.ts';
import { safe } from '../output/terminal/safe.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly follow?: boolean;
  readonly container?: string;
  readonly gateway?: true;
  readonly raw?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('logs'))
    .description(
      'Print what the agents and steps of a team said and did, in the order of time. The lines of gateways are left out.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('[step...]', 'print only these steps: lead, a teammate, Deliver, …')
    .option('-f, --follow', 'wait for new lines until the team has ended')
    .option(
      '-c, --container <name>',
      'print only this container: main runs the agent, gateway forwards its requests, setup prepares the shared files; any other name is a sidecar, which is not printed otherwise',
    )
    .addOption(
      new Option(
        '--gateway',
        'print only the lines of gateways, as with -c gateway: requests, budgets, waits for the provider',
      ).conflicts('container'),
    )
    .option(
      '--raw',
      'print all lines, also those of gateways, step by step and unchanged but for control characters',
    )
    .option('--json', 'print each line as a JSON object, also those of gateways')
    .addHelpText('after', `\nExample:\n  $ agentteam logs -f q3-report researcher\n${PLAIN_EXITS}`)
    .action((run: string, steps: readonly string[], options: Options) =>
      logs(context, run, steps, options),
    );
}

async function logs(
  context: Context,
  run: string,
  steps: readonly string[],
  {
    follow = false,
    gateway,
    raw,
    json,
    container = gateway && CONTAINERS.gateway,
    ...options
  }: Options,
): Promise<void> {
  const isStory = !raw && !json;
  const lines = (await openHost(context, options)).logs(run, {
    steps: steps.map((step) => stepOfAgent(agentNamed(step))),
    follow,
    signal: context.signal,
    ...(container !== undefined && { container }),
    ...(isStory && { byTime: true }),
    ...(isStory && container === undefined && { except: CONTAINERS.gateway }),
  });
  for await (const line of lines) {
    if (json) printJson(context, line, 0);
    else if (raw) print(context, `${context.colors.dim(sourceOf(line))} ${safe(line.text)}`);
    else print(context, storyLine(line, context.colors));
  }
}
