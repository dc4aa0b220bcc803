import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion/shells.ts';
import { vocabularyOf } from './completion/vocabulary.ts';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';

export function command(context: Context, all: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description('Prints what makes a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam completion bash > ~/.local/share/bash-completion/completions/agentteam\n  $ source <(agentteam completion zsh)\n  $ agentteam completion fish > ~/.config/fish/completions/agentteam.fish\n${PLAIN_EXITS}`,
    )
    .action(async (shell: Shell) => {
      context.out.write(completionScript[shell](vocabularyOf(await all())));
    });
}
