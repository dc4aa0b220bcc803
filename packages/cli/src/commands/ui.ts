import { join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { type Context, note, print } from '../context.ts';
import { distribution } from '../distribution.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { openHost } from './options/open-host.ts';
import { parsePort } from './options/parsers.ts';
import { addHostOptions, type HostOptions, isInCluster } from './options/shared-options.ts';

interface Options extends HostOptions {
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
    .option('--port <number>', 'port on 127.0.0.1; 0 means any free port', parsePort, 0)
    .option('--no-open', 'print the address, and open no browser')
    .addHelpText(
      'after',
      `${TOKEN}\n\nExamples:\n  $ agentteam ui\n  $ agentteam ui -n reports --no-open\n${PLAIN_EXITS}`,
    )
    .action(async (options: Options) => {
      const host = await openHost(context, options);
      const { serveUi } = await import('@agentteam/ui');
      const { hostSource } = await import('../ui/host-source.ts');
      const { port } = options;
      const server = await serveUi({
        source: hostSource(host, placeOf(context, options)),
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
    });
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
