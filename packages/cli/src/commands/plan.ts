import { formatWarnings } from '@agentteam/compiler';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { planOf } from '../output/plan/plan.ts';
import { planText } from '../output/plan/plan-text.ts';
import { compileFile } from '../team-file.ts';
import { listLocalTeams } from '../teams/local/local-host.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('plan')
    .description(
      'Show what a run would do.\n\n' +
        'The plan lists the steps, what each may read and write, what must exist, the longest ' +
        'path, the maximum cost, and the costs of past runs of this team.',
    )
    .argument('<file>', 'team file; - for standard input')
    .option('--dir <directory>', 'directory of past runs (default: .agentteam)')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam plan team.yaml\n${PLAIN_EXITS}`)
    .action(async (file: string, { dir, json }: Options) => {
      const { warnings, file: source, ...compiled } = await compileFile(context, file);
      const plan = planOf(compiled, await listLocalTeams(runsDirectory(context, dir)));
      if (json) return printJson(context, { ...plan, warnings });
      print(context, ...planText(plan, context.out.columns || 100));
      if (warnings.length > 0) {
        note(context, formatWarnings(warnings, { file: source.name, text: source.text }), '');
      }
    });
}
