import { Command } from 'commander';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { serveRehearsal } from '../rehearsal/serve-rehearsal.ts';
import { parsePort } from './options/port-option.ts';

interface Options {
  readonly script?: string;
  readonly host: string;
  readonly port: number;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('rehearsal')
    .description(
      'Plays the model for a team that runs elsewhere, at no cost: in a cluster, say, whose ' +
        'controller has the printed address as AGENTTEAM_API_URL. Serves until it is stopped.',
    )
    .argument('<file>', 'team file; - for standard input')
    .option('--script <file>', 'rehearse by this script; else by one made from the team')
    .option('--host <address>', 'address to listen at; 0.0.0.0: every one', '127.0.0.1')
    .option('--port <number>', 'port to listen at; 0: any free one', parsePort, 0)
    .option('--json', 'what is asked as JSON, one request on each line')
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam rehearsal team.yaml --host 0.0.0.0 --port 8080\n${PLAIN_EXITS}`,
    )
    .action((file: string, options: Options) => serveRehearsal(context, file, options));
}
