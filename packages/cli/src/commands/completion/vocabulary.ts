import type { Command } from 'commander';

/** What a shell can complete of a command. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  /** What its arguments name: runs, files, or what no shell knows. */
  readonly args: 'run' | 'runs' | 'files' | 'others';
  readonly options: readonly OptionWords[];
}

export interface OptionWords {
  /** `--format`; absent: it has a short form alone. */
  readonly long?: string;
  /** `-f` */
  readonly short?: string;
  /** On one line. */
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty: any value. */
  readonly choices: readonly string[];
}

export function vocabularyOf(commands: readonly Command[]): readonly CommandWords[] {
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

function argumentsOf({ registeredArguments: [first] }: Command): CommandWords['args'] {
  if (first?.name() === 'run') return first.variadic ? 'runs' : 'run';
  return first?.name() === 'file' ? 'files' : 'others';
}

/** Prints the names of runs; where they are is told by the same options as everywhere. */
export const LIST_RUNS = 'agentteam list --names';

/** Options that say where runs are, each with a value. */
export const PLACE_OPTIONS: readonly string[] = [
  '--dir',
  '--context',
  '--kubeconfig',
  '--namespace',
  '-n',
];

/** Spellings of an option, the long one first. */
export function spellings({ long, short }: OptionWords): readonly string[] {
  return [long, short].filter((spelling) => spelling !== undefined);
}
