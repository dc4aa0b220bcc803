import { Command } from 'commander';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { serveRehearsal } from '../rehearsal/serve-rehearsal.ts';
import { parsePort } from './options/parsers.ts';

interface Options {
  readonly script?: string;
  readonly host: string;
  readonly port: number;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('rehearsal')
    .description(
      'Serve scripted model replies, at no cost, to a team that runs elsewhere.\n\n' +
        'On a cluster, set AGENTTEAM_API_URL of the controller to the printed address. The ' +
        'command serves until you stop it.',
    )
    .argument('<file>', 'team file; - for standard input')
    .option('--script <file>', 'rehearsal script (default: a script made from the team)')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 for any free port', parsePort, 0)
    .option('--json', 'print each request as a JSON object on a line')
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam rehearsal team.yaml --host 0.0.0.0 --port 8080\n${PLAIN_EXITS}`,
    )
    .action((file: string, options: Options) => serveRehearsal(context, file, options));
}
