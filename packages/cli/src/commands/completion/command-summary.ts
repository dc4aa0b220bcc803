import type { Command } from 'commander';

/** The parts of a command that a shell can complete. */
export interface CommandSummary {
  readonly name: string;
  readonly summary: string;
  /** What the arguments are: a run, several runs, files, or something that a shell cannot complete. */
  readonly args: 'run' | 'runs' | 'files' | 'others';
  readonly options: readonly OptionSummary[];
}

export interface OptionSummary {
  /** `--format` */
  readonly long?: string;
  /** `-f` */
  readonly short?: string;
  /** One line of text. */
  readonly description: string;
  readonly takesValue: boolean;
  /** Allowed values; empty if any value is allowed. */
  readonly choices: readonly string[];
}

export function summariesOf(commands: readonly Command[]): readonly CommandSummary[] {
  return commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    args: argumentsOf(command),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map(({ long, short, description, required, optional, argChoices = [] }) => ({
        ...(long != null && { long }),
        ...(short != null && { short }),
        description: description.replace(/\s+/g, ' '),
        takesValue: required || optional,
        choices: argChoices,
      })),
  }));
}

function argumentsOf({ registeredArguments: [first] }: Command): CommandSummary['args'] {
  if (first?.name() === 'run') return first.variadic ? 'runs' : 'run';
  return first?.name() === 'file' ? 'files' : 'others';
}

/** Command that prints the names of runs. It takes the same options for the host as other commands. */
export const LIST_COMMAND = 'agentteam list --names';

/** Options with a value that select where runs are. */
export const HOST_OPTIONS: readonly string[] = [
  '--dir',
  '--context',
  '--kubeconfig',
  '--namespace',
  '-n',
];

/** The spellings of an option, the long one first. */
export function spellings({ long, short }: OptionSummary): readonly string[] {
  return [long, short].filter((spelling) => spelling !== undefined);
}
