import { join } from 'node:path';
import type { TeamSource } from '@agentteam/ui';
import { Command } from 'commander';
import { execa } from 'execa';
import { type Context, note, print } from '../context.ts';
import { distribution } from '../distribution.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import type { ViewLimits } from '../teams/cluster/files/view-limits.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import type { Readings } from '../ui/readings.ts';
import { openHost } from './options/open-host.ts';
import { parsePort } from './options/parsers.ts';
import { addHostOptions, type HostOptions, isInCluster } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly allNamespaces?: true;
  readonly port: number;
  readonly open: boolean;
}

const TOKEN = `
The address contains a token. Whoever knows it can see the teams and answer
gates in your name until the command ends, so keep it to yourself. If others
use this machine, add --no-open: while the browser starts, they can see its
arguments.`;

export function command(context: Context): Command {
  return addHostOptions(new Command('ui'))
    .description('Serve a web page that shows teams, on this machine only, until Ctrl-C.')
    .option('-A, --all-namespaces', 'on a cluster: show all namespaces in which you may list teams')
    .option('--port <number>', 'port on 127.0.0.1; 0 means any free port', parsePort, 0)
    .option('--no-open', 'print the address, and open no browser')
    .addHelpText(
      'after',
      `${TOKEN}\n\nExamples:\n  $ agentteam ui\n  $ agentteam ui -n reports --no-open\n  $ agentteam ui -A\n${PLAIN_EXITS}`,
    )
    .action(async (options: Options) => {
      const { port, allNamespaces: hasNamespaces = false } = options;
      const { Readings } = await import('../ui/readings.ts');
      const readings = new Readings();
      const { views } = readings.of('');
      const source = await (hasNamespaces
        ? sourceOfAll(options, readings)
        : sourceOfOne(context, options, views));
      const { serveUi } = await import('@agentteam/ui');
      const server = await serveUi({
        source,
        hasNamespaces,
        assets: join(distribution(), 'ui'),
        port,
      }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new Failure(`port ${port} is in use`, {
          hint: 'Choose another --port.',
          cause: error,
        });
      });
      print(context, server.url);
      note(
        context,
        'Serving the page until Ctrl-C. The address contains a token: keep it to yourself.',
      );
      if (options.open) await openBrowser(context, server.url);
      if (!context.signal.aborted) {
        await new Promise((resolve) =>
          context.signal.addEventListener('abort', resolve, { once: true }),
        );
      }
      await server.close();
      await readings.close();
    });
}

/** The runs of this machine, or the teams of one namespace. */
async function sourceOfOne(
  context: Context,
  options: Options,
  views: ViewLimits,
): Promise<TeamSource> {
  const host = await openHost(context, options);
  const { hostSource } = await import('../ui/host-source.ts');
  return hostSource(host, placeOf(context, options), views);
}

/**
 * The teams of all namespaces in which the caller may list them.
 * @throws Failure for an option that applies to runs on this machine.
 */
async function sourceOfAll(options: Options, readings: Readings): Promise<TeamSource> {
  if (options.dir !== undefined) throw usageError('--dir and -A exclude each other');
  const { connect } = await import('../cluster/connection/connection.ts');
  const { CallerSource } = await import('../ui/caller-source.ts');
  const { config, server, namespace } = connect(options);
  const limits = readings.of('');
  return new CallerSource({ config, server, limits, namespaces: [], home: namespace });
}

function placeOf(context: Context, options: Options): string {
  if (!isInCluster(context, options)) return runsDirectory(context, options.dir);
  const { namespace } = options;
  return namespace === undefined ? 'namespace of the current context' : `namespace ${namespace}`;
}

/** Opens an address in the user's browser. */
async function openBrowser(context: Context, url: string): Promise<void> {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const { failed } = await execa(program, [url], {
    reject: false,
    stdio: 'ignore',
    timeout: 10_000,
  });
  if (failed) note(context, 'No browser could be opened. Open the address yourself.');
}
