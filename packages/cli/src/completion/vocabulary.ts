import type { Command } from 'commander';

/** What a shell can complete of a command. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
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

/** Spellings of an option, the long one first. */
export function spellings({ long, short }: OptionWords): readonly string[] {
  return [long, short].filter((spelling) => spelling !== undefined);
}
