import { Argument, Command } from 'commander';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { bashScript } from './completion/bash.ts';
import { type CommandSummary, summariesOf } from './completion/command-summary.ts';
import { fishScript } from './completion/fish.ts';
import { zshScript } from './completion/zsh.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandSummary[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function command(context: Context, all: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description('Print a script that makes a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'shell that will read the script').choices(SHELLS))
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam completion bash > ~/.local/share/bash-completion/completions/agentteam\n  $ source <(agentteam completion zsh)\n  $ agentteam completion fish > ~/.config/fish/completions/agentteam.fish\n${PLAIN_EXITS}`,
    )
    .action(async (shell: Shell) => {
      context.out.write(SCRIPTS[shell](summariesOf(await all())));
    });
}
