import { formatWarnings } from '@agentteam/compiler';
import { Command } from 'commander';
import { compileFile } from '../compile-file.ts';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { localHost } from '../teams/local/local-host.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { planOf } from '../output/plan/plan.ts';
import { planText } from '../output/plan/plan-text.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('plan')
    .description(
      'Shows what a run would do, before it does: steps, what each may read and write, what must ' +
        'exist, the longest path, the most that it can cost, and what runs of this team did cost.',
    )
    .argument('<file>', 'team file; - for standard input')
    .option('--dir <directory>', 'where past runs are kept')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam plan team.yaml\n${PLAIN_EXITS}`)
    .action(async (file: string, { dir, json }: Options) => {
      const { team, workflow, warnings, file: source } = await compileFile(context, file);
      const plan = planOf(team, workflow, await localHost(runsDirectory(context, dir)).list());
      if (json) return printJson(context, { ...plan, warnings });
      print(context, ...planText(plan, context.out.columns ?? 100));
      if (warnings.length > 0) {
        note(context, formatWarnings(warnings, { file: source.name, text: source.text }), '');
      }
    });
}
